#include <array>
#include <gtest/gtest.h>
#include <map>
#include <string>

#include "yolovino/model.hpp"

#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

using test::failure_of;
using test::on_openvino_cpu_f32;
using test::OwnedModel;
using test::OwnedResult;

PredictArgs same_args() {
    return {.runtime = {.kind = Runtime::OpenVino, .device = "cpu", .precision = Precision::F32}, .verbose = false};
}

/// The arrays say what the library's own result says, bit for bit; that one is compared with Ultralytics elsewhere.
void expect_same(const yv_result* got, const Results& wanted) {
    const std::size_t objects = wanted.obb ? wanted.obb->size() : wanted.boxes.size();
    ASSERT_EQ(yv_result_count(got), objects);
    const float* box = yv_result_boxes(got);
    for (std::size_t i = 0; i < objects; ++i, box += 6) {
        const Box& each = wanted.obb ? (*wanted.obb)[i].xyxy() : wanted.boxes[i];
        EXPECT_EQ((std::array<float, 6>{box[0], box[1], box[2], box[3], box[4], box[5]}),
                  (std::array<float, 6>{each.x1, each.y1, each.x2, each.y2, each.conf, static_cast<float>(each.cls)}));
    }
    std::size_t points = 0;
    std::size_t numbers = 0;
    const float* keypoints = yv_result_keypoints(got, &points, &numbers);
    ASSERT_EQ(keypoints != nullptr, wanted.keypoints && !wanted.keypoints->data.empty());
    if (keypoints != nullptr) {
        EXPECT_EQ(std::vector<float>(keypoints, keypoints + objects * points * numbers), wanted.keypoints->data);
    }
    std::size_t classes = 0;
    const float* probs = yv_result_probs(got, &classes);
    ASSERT_EQ(probs != nullptr, wanted.probs.has_value());
    if (probs != nullptr) {
        EXPECT_EQ(std::vector<float>(probs, probs + classes), wanted.probs->data);
    }
    ASSERT_EQ(yv_result_obb(got) != nullptr, wanted.obb && objects > 0);
    for (std::size_t i = 0; wanted.obb && i < objects; ++i) {
        EXPECT_EQ(yv_result_obb(got)[i * 7 + 4], (*wanted.obb)[i].angle);
        EXPECT_EQ(yv_result_corners(got)[i * 8 + 7], (*wanted.obb)[i].corners()[3].y);
    }
    EXPECT_EQ(yv_result_ids(got), nullptr);
}

class CPredict : public ::testing::TestWithParam<const char*> {
protected:
    std::string image() const {
        const std::string folder = std::string("shapes-val") + (*GetParam() == '\0' ? "" : "-") + GetParam();
        const auto root = test::kSamples / folder;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            const auto suffix = entry.path().extension();
            if (suffix == ".jpg" || suffix == ".png") return test::bytes_of(entry.path());
        }
        ADD_FAILURE() << "no image in " << root;
        return {};
    }
};

TEST_P(CPredict, EncodedOnOpenVinoCpuF32AsTheLibrary) {
    const OwnedModel model = test::open_model(test::sample(GetParam()));
    const std::string bytes = image();
    const OwnedResult got = test::predict(model, bytes, on_openvino_cpu_f32());
    const Results wanted = Model(test::sample(GetParam())).predict(std::as_bytes(std::span(bytes)), same_args());
    expect_same(got.get(), wanted);
    EXPECT_TRUE(yv_result_count(got.get()) > 0 || yv_result_probs(got.get(), nullptr) != nullptr);
    EXPECT_EQ(yv_result_task(got.get()), wanted.task);
    EXPECT_STREQ(yv_result_path(got.get()), "image0.jpg");
    EXPECT_EQ(yv_result_frame(got.get()), 0);
    std::int32_t width = 0;
    std::int32_t height = 0;
    yv_result_size(got.get(), &width, &height);
    EXPECT_EQ((ImageSize{height, width}), wanted.orig_shape);
    yv_result_input_size(got.get(), &width, &height);
    EXPECT_EQ((ImageSize{height, width}), wanted.input_shape);
    double inference_ms = 0;
    yv_result_speed(got.get(), nullptr, &inference_ms, nullptr);
    EXPECT_GT(inference_ms, 0);
    EXPECT_EQ(yv_result_class_count(got.get()), yv_model_class_count(model.get()));
}

INSTANTIATE_TEST_SUITE_P(Tasks, CPredict, ::testing::Values("", "seg", "pose", "obb", "cls"), [](const auto& each) {
    return *each.param == '\0' ? std::string("detect") : std::string(each.param);
});

TEST(CPredict, PixelsOfEachFormatGiveWhatTheEncodedImageGives) {
    const OwnedModel model = test::open_model(test::sample());
    const std::string bytes = test::bytes_of(test::kImages / "0004.jpg");
    const Results wanted = Model(test::sample()).predict(std::as_bytes(std::span(bytes)), same_args());
    const Image& image = wanted.orig_img;
    const auto padded = static_cast<std::size_t>(image.width()) * 4 + 12;
    for (const std::int32_t format : {YV_BGR, YV_RGB, YV_BGRA, YV_RGBA}) {
        const std::size_t step = format < YV_BGRA ? 3 : 4;
        const bool swapped = format == YV_RGB || format == YV_RGBA;
        std::vector<std::uint8_t> pixels(padded * static_cast<std::size_t>(image.height()), 77);
        for (int y = 0; y < image.height(); ++y) {
            for (int x = 0; x < image.width(); ++x) {
                std::uint8_t* to = &pixels[static_cast<std::size_t>(y) * padded + static_cast<std::size_t>(x) * step];
                const std::uint8_t* from = image.row(y) + x * 3;
                for (int c = 0; c < 3; ++c) to[c] = from[swapped ? 2 - c : c];
            }
        }
        const yv_image view{sizeof(yv_image), format, pixels.data(), image.width(), image.height(), padded};
        yv_result* result = nullptr;
        const test::Options options = on_openvino_cpu_f32();
        test::expect_ok([&](yv_error** error) {
            return yv_predict_pixels(model.get(), &view, options.data(), options.size(), &result, error);
        });
        const OwnedResult owned(result);
        expect_same(result, wanted);
        yv_image again{};
        again.size = sizeof(yv_image);
        ASSERT_EQ(yv_result_image(result, &again), YV_OK);
        EXPECT_TRUE(std::equal(again.data, again.data + image.size_bytes(), image.data())) << "format " << format;
    }
}

TEST(CPredict, WrongImagesAreRefused) {
    const OwnedModel model = test::open_model(test::sample());
    yv_result* result = nullptr;
    const auto encoded = [&](const std::string& bytes) {
        return failure_of([&](yv_error** error) {
            return yv_predict_encoded(model.get(), bytes.data(), bytes.size(), nullptr, 0, &result, error);
        });
    };
    EXPECT_EQ(encoded("").status, YV_CORRUPT_FILE);
    EXPECT_EQ(encoded("no image at all").status, YV_UNSUPPORTED_FILE);
    EXPECT_EQ(encoded(test::bytes_of(test::kImages / "0004.jpg").substr(0, 100)).status, YV_CORRUPT_FILE);
    const std::vector<std::uint8_t> pixels(300);
    const auto refused = [&](yv_image image) {
        return failure_of(
                   [&](yv_error** error) { return yv_predict_pixels(model.get(), &image, nullptr, 0, &result, error); })
            .text();
    };
    EXPECT_NE(refused({8, YV_BGR, pixels.data(), 10, 10, 0}).find("yv_image.size is 8"), std::string::npos);
    EXPECT_NE(refused({sizeof(yv_image), 5, pixels.data(), 10, 10, 0}).find("format of the image is 5"),
              std::string::npos);
    EXPECT_NE(refused({sizeof(yv_image), YV_BGR, nullptr, 10, 10, 0}).find("is NULL"), std::string::npos);
    EXPECT_NE(refused({sizeof(yv_image), YV_BGR, pixels.data(), -1, 10, 0}).find("-1"), std::string::npos);
    EXPECT_NE(refused({sizeof(yv_image), YV_BGR, pixels.data(), 10, 10, 29}).find("stride of 29"), std::string::npos);
    EXPECT_EQ(result, nullptr);
}

/// A caller of a later version: its inputs are longer.
struct LaterInput {
    yv_input input;
    double more;
};

TEST(CPredict, ABadImageOfABatchDoesNotFailTheOthers) {
    const OwnedModel model = test::open_model(test::sample());
    const std::string first = test::bytes_of(test::kImages / "0004.jpg");
    const std::string second = test::bytes_of(test::kImages / "0009.jpg");
    const std::string truncated = first.substr(0, 100);
    const auto input = [](const std::string& bytes, const char* path) {
        return LaterInput{{sizeof(LaterInput), 0, bytes.data(), bytes.size(), nullptr, path}, 0};
    };
    const std::array<LaterInput, 4> inputs = {input(first, "a.jpg"), input(truncated, nullptr), input(second, nullptr),
                                              LaterInput{{sizeof(LaterInput), 0, nullptr, 0, nullptr, nullptr}, 0}};
    const test::Options options = on_openvino_cpu_f32({{"batch", "2"}, {"rect", "False"}});
    std::array<yv_result*, 4> results{};
    test::expect_ok([&](yv_error** error) {
        return yv_predict_batch(model.get(), &inputs[0].input, inputs.size(), options.data(), options.size(),
                                results.data(), error);
    });
    std::array<OwnedResult, 4> owned;
    for (std::size_t i = 0; i < owned.size(); ++i) owned[i].reset(results[i]);
    EXPECT_EQ(yv_result_status(results[0]), YV_OK);
    EXPECT_STREQ(yv_result_path(results[0]), "a.jpg");
    EXPECT_EQ(yv_result_status(results[1]), YV_CORRUPT_FILE);
    EXPECT_NE(std::string(yv_error_message(yv_result_error(results[1]))), "");
    EXPECT_STREQ(yv_result_path(results[1]), "image1.jpg");
    EXPECT_EQ(yv_result_count(results[1]), 0U);
    EXPECT_EQ(yv_result_json(results[1], 0, 5), nullptr);
    EXPECT_EQ(yv_result_status(results[2]), YV_OK);
    EXPECT_EQ(yv_result_status(results[3]), YV_INVALID_ARGUMENT);
    const OwnedResult alone = test::predict(model, second, on_openvino_cpu_f32({{"rect", "False"}}));
    EXPECT_EQ(yv_result_count(results[2]), yv_result_count(alone.get()));
    EXPECT_GT(yv_result_count(results[0]), 0U);
}

TEST(CPredict, AnEmptyBatchAndOneOfBadImagesSucceed) {
    const OwnedModel model = test::open_model(test::sample());
    test::expect_ok(
        [&](yv_error** error) { return yv_predict_batch(model.get(), nullptr, 0, nullptr, 0, nullptr, error); });
    const yv_input bad{sizeof(yv_input), 0, "x", 1, nullptr, nullptr};
    yv_result* result = nullptr;
    test::expect_ok(
        [&](yv_error** error) { return yv_predict_batch(model.get(), &bad, 1, nullptr, 0, &result, error); });
    EXPECT_EQ(yv_result_status(result), YV_UNSUPPORTED_FILE);
    yv_result_free(result);
}

TEST(CPredict, RawInferenceGivesTheNetworksOwnNumbers) {
    const OwnedModel model = test::open_model(test::sample());
    const std::string bytes = test::bytes_of(test::kImages / "0004.jpg");
    const Image image = Image::decode(std::as_bytes(std::span(bytes)));
    const auto height = static_cast<std::size_t>(image.height() / 32 * 32);
    const auto width = static_cast<std::size_t>(image.width() / 32 * 32);
    ASSERT_GE(width, 32U);
    std::vector<float> values(3 * height * width);
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            for (std::size_t c = 0; c < 3; ++c)
                values[(c * height + y) * width + x] =
                    static_cast<float>(image.row(static_cast<int>(y))[x * 3 + 2 - c]) / 255.0F;
        }
    }
    const std::array<std::int64_t, 4> shape = {1, 3, static_cast<std::int64_t>(height),
                                               static_cast<std::int64_t>(width)};
    const yv_tensor input{sizeof(yv_tensor), 4, nullptr, shape.data(), values.data()};
    yv_tensors* outputs = nullptr;
    const test::Options options = on_openvino_cpu_f32();
    test::expect_ok([&](yv_error** error) {
        return yv_infer_raw(model.get(), &input, options.data(), options.size(), &outputs, error);
    });
    const test::OwnedTensors owned(outputs);
    ASSERT_EQ(yv_tensors_count(outputs), 1U);
    const yv_tensor& output = *yv_tensors_at(outputs, 0);
    EXPECT_EQ(yv_tensors_at(outputs, 1), nullptr);
    ASSERT_EQ(output.rank, 3U);
    EXPECT_EQ(output.shape[1], 8) << "4 numbers of a box and 4 classes";
    const std::int64_t anchors = output.shape[2];
    EXPECT_EQ(anchors, static_cast<std::int64_t>(height * width / 64 * 21 / 16));
    const float best = *std::max_element(output.data + 4 * anchors, output.data + 8 * anchors);
    EXPECT_GT(best, 0.8F);
    EXPECT_LE(best, 1.0F);
    // The same pixels through the letterbox, which has nothing to do for this size.
    const yv_image view{
        sizeof(yv_image),    YV_BGR, image.data(), static_cast<std::int32_t>(width), static_cast<std::int32_t>(height),
        image.stride_bytes()};
    const std::string size = "[" + std::to_string(height) + ", " + std::to_string(width) + "]";
    const test::Options sized = on_openvino_cpu_f32({{"imgsz", size.c_str()}});
    yv_result* result = nullptr;
    test::expect_ok([&](yv_error** error) {
        return yv_predict_pixels(model.get(), &view, sized.data(), sized.size(), &result, error);
    });
    const OwnedResult boxes(result);
    ASSERT_GT(yv_result_count(result), 0U);
    EXPECT_FLOAT_EQ(yv_result_boxes(result)[4], best);
}

TEST(CPredict, RawInferenceRefusesWhatTheNetworkDoesNotTake) {
    const OwnedModel model = test::open_model(test::sample());
    const std::vector<float> values(3 * 32 * 32);
    const auto refused = [&](std::array<std::int64_t, 4> shape, std::uint32_t rank) {
        const yv_tensor input{sizeof(yv_tensor), rank, nullptr, shape.data(), values.data()};
        yv_tensors* outputs = nullptr;
        return failure_of(
                   [&](yv_error** error) { return yv_infer_raw(model.get(), &input, nullptr, 0, &outputs, error); })
            .text();
    };
    EXPECT_NE(refused({1, 3, 32, 32}, 3).find("has 3 dimensions, wanted 4"), std::string::npos);
    EXPECT_NE(refused({1, 1, 32, 32}, 4).find("[1, 1, 32, 32], wanted [N, 3, height, width]"), std::string::npos);
    EXPECT_NE(refused({1, 3, -1, 32}, 4).find("wanted [N, 3, height, width]"), std::string::npos);
    EXPECT_NE(refused({1, 3, 32, 33}, 4).find("multiples of 32"), std::string::npos);
    EXPECT_NE(refused({1LL << 40, 3, 32, 32}, 4).find("wanted [N, 3, height, width]"), std::string::npos);
}

}  // namespace
}  // namespace yolovino
