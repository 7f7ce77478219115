#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "options/schema.hpp"
#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

using test::failure_of;
using test::OwnedModel;

nlohmann::json options_of(const char* mode) {
    char* json = nullptr;
    test::expect_ok([&](yv_error** error) { return yv_options_json(mode, &json, error); });
    return test::json_of(json);
}

std::set<std::string> keys_of(const char* mode) {
    std::set<std::string> keys;
    for (const auto& row : options_of(mode)) keys.insert(row.at("key"));
    return keys;
}

TEST(COptions, EachModeListsItsRowsOfTheSchema) {
    for (const options::ModeInfo& mode : options::modes()) {
        if (mode.mode == options::Mode::Info || mode.mode == options::Mode::Serve) continue;
        const std::set<std::string> keys = keys_of(std::string(mode.name).c_str());
        for (const options::Option& option : options::schema()) {
            // What the call itself says.
            static const std::set<std::string> kOfTheCall = {"mode", "task", "model", "source", "merge", "kpt_shape"};
            if (option.binding(mode.mode) == nullptr || kOfTheCall.contains(option.key)) continue;
            EXPECT_TRUE(keys.contains(option.key)) << mode.name << " lacks " << option.key;
        }
        EXPECT_GT(keys.size(), 5U) << mode.name;
    }
}

TEST(COptions, DefaultsAreThoseOfTheLibrary) {
    const auto rows = options_of("predict");
    const auto row = [&](std::string_view key) {
        return *std::ranges::find_if(rows, [&](const auto& each) { return each.at("key") == key; });
    };
    EXPECT_EQ(row("conf").at("default"), "0.25");
    EXPECT_EQ(row("conf").at("type"), "float");
    EXPECT_EQ(row("conf").at("lowest"), 0);
    EXPECT_EQ(row("conf").at("highest"), 1);
    EXPECT_EQ(row("save").at("default"), "False") << "the command's default is True";
    EXPECT_EQ(row("classes").at("default"), "None");
    EXPECT_EQ(row("runtime").at("choices").dump(), R"(["auto","openvino","onnxruntime","libtorch","remote"])");
}

TEST(COptions, DefaultsCanBeGivenBack) {
    const OwnedModel model = test::open_model(test::sample());
    const auto rows = options_of("predict");
    std::vector<std::string> text;
    text.reserve(rows.size() * 2);
    test::Options options;
    for (const auto& row : rows) {
        const std::string& key = text.emplace_back(row.at("key"));
        const std::string& value = text.emplace_back(row.at("default"));
        options.push_back({key.c_str(), value.c_str()});
    }
    test::expect_ok(
        [&](yv_error** error) { return yv_model_compile(model.get(), options.data(), options.size(), error); });
}

TEST(COptions, CompareTakesModelAndSourcePlotItsOwn) {
    EXPECT_TRUE(keys_of("compare").contains("model"));
    EXPECT_TRUE(keys_of("compare").contains("source"));
    EXPECT_FALSE(keys_of("predict").contains("source"));
    EXPECT_EQ(keys_of("plot"), (std::set<std::string>{"boxes", "conf", "kpt_line", "kpt_radius", "labels", "line_width",
                                                      "masks", "probs"}));
    const auto failure = failure_of([](yv_error** error) {
        char* json = nullptr;
        return yv_options_json("train", &json, error);
    });
    EXPECT_EQ(failure.status, YV_INVALID_ARGUMENT);
    EXPECT_NE(failure.text().find("mode 'train' is not known"), std::string::npos) << failure.text();
}

TEST(COptions, WrongOnesAreNamedInOneLine) {
    const OwnedModel model = test::open_model(test::sample());
    const auto compile = [&](const char* key, const char* value) {
        const yv_option option{key, value};
        return failure_of([&](yv_error** error) { return yv_model_compile(model.get(), &option, 1, error); });
    };
    const auto expect = [](const test::Failure& failure, const std::string& part) {
        EXPECT_EQ(failure.status, YV_INVALID_ARGUMENT);
        EXPECT_NE(failure.text().find(part), std::string::npos) << failure.text();
        EXPECT_EQ(failure.text().find('\n'), std::string::npos) << failure.text();
    };
    expect(compile("cnf", "0.4"), "option 'cnf' is not one of predict; did you mean 'conf'?");
    expect(compile("conf", "2"), "'conf=2' is out of range");
    expect(compile("conf", "high"), "'conf=high' has the wrong type");
    expect(compile("epochs", "3"), "option 'epochs' of Ultralytics has no effect in predict: it is of the training");
    expect(compile("source", "x.jpg"), "option 'source' is not one of predict");
    expect(compile("int8", "True"), "int8=True (or quantize=8) needs an 8-bit model");
    expect(compile(nullptr, "1"), "the key of an option is NULL");
    expect(compile("conf", nullptr), "the value of an option is NULL");
    expect(compile("line\n_width", "1"), "option 'line\\x0a_width'");
}

TEST(COptions, TheLastOfAKeyCounts) {
    const OwnedModel model = test::open_model(test::sample());
    const std::string image = test::bytes_of(test::kImages / "0004.jpg");
    const auto few = test::predict(model, image, test::on_openvino_cpu_f32({{"conf", "0.1"}, {"conf", "0.94"}}));
    const auto many = test::predict(model, image, test::on_openvino_cpu_f32({{"conf", "0.94"}, {"conf", "0.1"}}));
    EXPECT_LT(yv_result_count(few.get()), yv_result_count(many.get()));
}

}  // namespace
}  // namespace yolovino
