#include <array>
#include <gtest/gtest.h>
#include <numeric>
#include <string>

#include "yolovino/model.hpp"

#include "support/files.hpp"
#include "support/shared.hpp"
#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

using test::failure_of;
using test::on_openvino_cpu_f32;
using test::OwnedModel;
using test::OwnedResult;

/// A result in C and the library's own of the same image.
struct Both {
    OwnedResult c;
    Results library;

    explicit Both(const std::string& task, const std::string& file = "0004.jpg") {
        const OwnedModel model = test::open_model(test::sample(task));
        const std::string bytes = test::bytes_of(test::kImages / file);
        c = test::predict(model, bytes, on_openvino_cpu_f32());
        library = Model(test::sample(task))
                      .predict(std::as_bytes(std::span(bytes)),
                               {.runtime = {.kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32},
                                .verbose = false});
    }
};

TEST(CResult, OutlivesItsModel) {
    const Both both("");
    ASSERT_GT(yv_result_count(both.c.get()), 0U);
    EXPECT_STREQ(yv_result_class_name(both.c.get(), 0), "circle");
    EXPECT_EQ(yv_result_class_name(both.c.get(), 4), nullptr);
}

TEST(CResult, JsonIsThatOfTheLibraryBesidesTheTimes) {
    const Both both("");
    auto got = test::json_of(yv_result_json(both.c.get(), 1, 3));
    auto wanted = nlohmann::json::parse(both.library.to_json(true, 3));
    got.erase("speed");
    wanted.erase("speed");
    EXPECT_EQ(got, wanted);
    EXPECT_GT(got.at("detections").size(), 0U);
    EXPECT_EQ(test::json_of(yv_result_summary(both.c.get(), 1, 3)), wanted.at("detections"));
    EXPECT_EQ(test::text_of(yv_result_verbose(both.c.get())), both.library.verbose());
}

TEST(CResult, MasksAndOutlinesAreThoseOfTheLibrary) {
    const Both both("seg");
    ASSERT_TRUE(both.library.masks.has_value());
    const Masks& masks = *both.library.masks;
    std::int32_t width = 0;
    std::int32_t height = 0;
    yv_result_mask_size(both.c.get(), &width, &height);
    ASSERT_EQ((ImageSize{height, width}), masks.shape);
    for (std::size_t object = 0; object < masks.size(); ++object) {
        const std::vector<std::uint8_t> wanted = masks.data(object);
        std::vector<std::uint8_t> pixels(wanted.size(), 9);
        ASSERT_EQ(yv_result_mask(both.c.get(), object, pixels.data(), pixels.size(), nullptr), YV_OK);
        EXPECT_EQ(pixels, wanted);
        std::array<std::int32_t, 4> box{};
        ASSERT_EQ(yv_result_mask_box(both.c.get(), object, box.data(), nullptr), YV_OK);
        std::vector<std::uint8_t> crop(static_cast<std::size_t>(box[2]) * static_cast<std::size_t>(box[3]), 9);
        ASSERT_EQ(yv_result_mask_crop(both.c.get(), object, crop.data(), crop.size(), nullptr), YV_OK);
        std::vector<std::uint8_t> whole(wanted.size(), 0);
        for (std::int32_t y = 0; y < box[3]; ++y)
            std::copy_n(crop.begin() + y * box[2], box[2], whole.begin() + (box[1] + y) * width + box[0]);
        EXPECT_EQ(whole, wanted);
        for (const bool normalize : {false, true}) {
            const std::vector<Point> points = normalize ? masks.xyn(object) : masks.xy(object);
            std::size_t count = 0;
            const float* outline = yv_result_mask_outline(both.c.get(), object, normalize ? 1 : 0, &count);
            ASSERT_EQ(count, points.size());
            for (std::size_t i = 0; i < count; ++i) EXPECT_EQ((Point{outline[2 * i], outline[2 * i + 1]}), points[i]);
            EXPECT_EQ(yv_result_mask_outline(both.c.get(), object, normalize ? 1 : 0, nullptr), outline);
        }
    }
}

TEST(CResult, MasksOfOtherObjectsAndTooLittleRoomAreRefused) {
    const Both both("seg");
    std::uint8_t pixel = 0;
    const auto small = failure_of([&](yv_error** error) { return yv_result_mask(both.c.get(), 0, &pixel, 1, error); });
    EXPECT_NE(small.text().find("there is room for 1 bytes"), std::string::npos) << small.text();
    const std::size_t count = yv_result_count(both.c.get());
    const auto other =
        failure_of([&](yv_error** error) { return yv_result_mask(both.c.get(), count, &pixel, 1, error); });
    EXPECT_NE(other.text().find("has no mask"), std::string::npos) << other.text();
    EXPECT_EQ(yv_result_mask_outline(both.c.get(), count, 0, nullptr), nullptr);
    const Both boxes("");
    std::int32_t width = 1;
    yv_result_mask_size(boxes.c.get(), &width, nullptr);
    EXPECT_EQ(width, 0);
    EXPECT_EQ(yv_result_mask(boxes.c.get(), 0, &pixel, 1, nullptr), YV_INVALID_ARGUMENT);
}

TEST(CResult, PlotIsThatOfTheLibrary) {
    for (const char* task : {"", "seg", "pose", "obb"}) {
        const Both both(task);
        const Image wanted = both.library.plot({.conf = false, .line_width = 3});
        std::vector<std::uint8_t> pixels(wanted.size_bytes());
        const std::array<yv_option, 2> options = {yv_option{"conf", "False"}, {"line_width", "3"}};
        test::expect_ok([&](yv_error** error) {
            return yv_result_plot(both.c.get(), options.data(), options.size(), pixels.data(), pixels.size(), error);
        });
        EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), wanted.data())) << task;
        EXPECT_FALSE(std::equal(pixels.begin(), pixels.end(), both.library.orig_img.data())) << task;
    }
}

TEST(CResult, WrongPlotOptionsAreRefused) {
    const Both both("");
    std::vector<std::uint8_t> pixels(both.library.orig_img.size_bytes());
    const auto text = [&](const char* key, const char* value) {
        const yv_option option{key, value};
        return failure_of([&](yv_error** error) {
                   return yv_result_plot(both.c.get(), &option, 1, pixels.data(), pixels.size(), error);
               })
            .text();
    };
    EXPECT_NE(text("show_labels", "True").find("plot takes conf, labels"), std::string::npos);
    EXPECT_NE(text("line_width", "0").find("must be at least 1"), std::string::npos);
    EXPECT_NE(text("labels", "perhaps").find("must be True or False"), std::string::npos);
    EXPECT_EQ(yv_result_plot(both.c.get(), nullptr, 0, pixels.data(), 5, nullptr), YV_INVALID_ARGUMENT);
}

TEST(CResult, FilesAreThoseOfTheLibrary) {
    const Both both("");
    const test::TempFolder folder;
    const std::string got = (folder.path() / "got").string();
    const fs::path wanted = folder.path() / "wanted";
    ASSERT_EQ(yv_result_save_txt(both.c.get(), (got + ".txt").c_str(), 1, nullptr), YV_OK);
    both.library.save_txt(wanted.string() + ".txt", true);
    EXPECT_EQ(test::content(got + ".txt"), test::content(wanted.string() + ".txt"));
    EXPECT_FALSE(test::content(got + ".txt").empty());
    ASSERT_EQ(yv_result_save(both.c.get(), (got + ".png").c_str(), nullptr, 0, nullptr), YV_OK);
    both.library.save(wanted.string() + ".png");
    EXPECT_EQ(test::content(got + ".png"), test::content(wanted.string() + ".png"));
    ASSERT_EQ(yv_result_save_crop(both.c.get(), got.c_str(), "x", nullptr), YV_OK);
    EXPECT_TRUE(fs::exists(fs::path(got) / "star/x.jpg"));
    const auto failure = failure_of([&](yv_error** error) {
        return yv_result_save(both.c.get(), "/proc/no/such/folder/x.png", nullptr, 0, error);
    });
    EXPECT_EQ(failure.status, YV_IO_FAILURE) << failure.text();
}

TEST(CResult, SelectionKeepsWhatBelongsToTheObjects) {
    for (const char* task : {"", "seg", "pose", "obb"}) {
        const Both both(task);
        const std::size_t count = yv_result_count(both.c.get());
        ASSERT_GT(count, 1U) << task;
        const std::array<std::size_t, 2> chosen = {count - 1, 0};
        yv_result* selected = nullptr;
        test::expect_ok([&](yv_error** error) {
            return yv_result_select(both.c.get(), chosen.data(), chosen.size(), &selected, error);
        });
        const OwnedResult owned(selected);
        ASSERT_EQ(yv_result_count(selected), 2U);
        const float* boxes = yv_result_boxes(both.c.get());
        EXPECT_TRUE(std::equal(boxes + 6 * (count - 1), boxes + 6 * count, yv_result_boxes(selected))) << task;
        EXPECT_TRUE(std::equal(boxes, boxes + 6, yv_result_boxes(selected) + 6)) << task;
        std::size_t points = 0;
        std::size_t numbers = 0;
        if (const float* all = yv_result_keypoints(both.c.get(), &points, &numbers); all != nullptr) {
            const float* some = yv_result_keypoints(selected, nullptr, nullptr);
            EXPECT_TRUE(std::equal(all, all + points * numbers, some + points * numbers));
        }
        if (both.library.masks) {
            std::size_t wanted = 0;
            std::size_t got = 0;
            yv_result_mask_outline(both.c.get(), count - 1, 0, &wanted);
            yv_result_mask_outline(selected, 0, 0, &got);
            EXPECT_EQ(got, wanted);
        }
        EXPECT_EQ(test::json_of(yv_result_summary(selected, 0, 5)).size(), 2U);
        yv_result* none = nullptr;
        ASSERT_EQ(yv_result_select(both.c.get(), nullptr, 0, &none, nullptr), YV_OK);
        EXPECT_EQ(yv_result_count(none), 0U);
        yv_result_free(none);
        EXPECT_EQ(yv_result_select(both.c.get(), &count, 1, &none, nullptr), YV_INVALID_ARGUMENT);
    }
}

}  // namespace
}  // namespace yolovino
