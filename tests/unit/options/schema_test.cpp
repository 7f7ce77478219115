#include "options/schema.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>

namespace yolovino::options {
namespace {

TEST(Schema, NamesEachOptionOnceAndDocumentsIt) {
    std::set<std::string> seen;
    for (const Option& option : schema()) {
        EXPECT_TRUE(seen.insert(option.key).second) << option.key;
        EXPECT_FALSE(option.help.empty()) << option.key;
        EXPECT_FALSE(option.bindings.empty()) << option.key;
        EXPECT_EQ(find_option(option.key), &option);
        std::set<Mode> modes;
        for (const Binding& binding : option.bindings)
            EXPECT_TRUE(modes.insert(binding.mode).second) << option.key << " twice in a mode";
    }
    EXPECT_EQ(find_option("no_such_option"), nullptr);
}

TEST(Schema, TasksAndModesAreThoseOfTheirTables) {
    EXPECT_EQ(find_option("task")->choices, std::vector<std::string>(kTaskNames.begin(), kTaskNames.end()));
    EXPECT_EQ(find_option("mode")->choices, mode_names());
}

TEST(Schema, EveryDefaultIsInItsRange) {
    const Settings settings = default_settings();
    for (const Option& option : schema()) {
        for (const Binding& binding : option.bindings) {
            if (!binding.problem) continue;
            EXPECT_EQ(binding.problem(settings, option.range), "") << option.key;
        }
    }
}

Argument argument(const std::string& key, const std::string& raw) {
    return {key, raw, parse_value(raw), false};
}

/// A limit is accepted, what is beyond is refused with the limits in the message.
TEST(Schema, EveryRangeIsEnforcedInEachMode) {
    std::size_t limits = 0;
    for (const Option& option : schema()) {
        for (const Binding& binding : option.bindings) {
            const auto expect_refused = [&](double number) {
                Settings settings;
                try {
                    option.apply(binding.mode, argument(option.key, fmt::format("{}", number)), settings);
                    ADD_FAILURE() << option.key << "=" << number << " is accepted";
                } catch (const UsageError& error) {
                    EXPECT_NE(std::string(error.what()).find(option.wanted()), std::string::npos) << error.what();
                }
            };
            Settings settings;
            for (const auto& [limit, step] : {std::pair(option.range.lowest, -1.0), {option.range.highest, 1.0}}) {
                if (!limit) continue;
                ++limits;
                option.apply(binding.mode, argument(option.key, fmt::format("{}", *limit)), settings);
                expect_refused(*limit + step);
            }
        }
    }
    EXPECT_GT(limits, 30U) << "the test did not look";
}

/// The second side of a comparison is the first again unless two values are given.
TEST(Schema, OneValueIsForBothSidesTwoAreForOneEach) {
    Settings settings;
    auto& sides = settings.agree.sides;
    const auto apply = [&](const std::string& key, const std::string& raw) {
        find_option(key)->apply(Mode::Agree, argument(key, raw), settings);
    };
    apply("precision", "bf16");
    EXPECT_EQ(sides[0].runtime.precision, Precision::Bf16);
    EXPECT_EQ(sides[1].runtime.precision, Precision::Bf16);
    apply("precision", "[FP32, f16]");
    EXPECT_EQ(sides[0].runtime.precision, Precision::F32);
    EXPECT_EQ(sides[1].runtime.precision, Precision::F16);
    apply("precision", "None");
    EXPECT_EQ(sides[1].runtime.precision, Precision::Auto);
    apply("runtime", "libtorch,openvino");
    EXPECT_EQ(sides[0].runtime.kind, Runtime::LibTorch);
    EXPECT_EQ(sides[1].runtime.kind, Runtime::OpenVino);
    apply("device", "HETERO:GPU,CPU;CPU");
    EXPECT_EQ(sides[0].runtime.device, "HETERO:GPU,CPU");
    EXPECT_EQ(sides[1].runtime.device, "CPU");
    apply("format", "pytorch,onnx");
    EXPECT_EQ(sides[0].format, "pytorch");
    EXPECT_EQ(sides[1].format, "onnx");
    apply("half", "True");
    EXPECT_FALSE(sides[0].runtime.half);
    EXPECT_TRUE(sides[1].runtime.half);
    EXPECT_EQ(find_option("format")->binding(Mode::Agree)->show(settings), "pytorch;onnx");
}

TEST(Schema, ListsForTwoSidesAreRefusedWithTheReason) {
    const auto refusal = [](const std::string& key, const std::string& raw) {
        Settings settings;
        try {
            find_option(key)->apply(Mode::Agree, argument(key, raw), settings);
        } catch (const UsageError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    EXPECT_EQ(refusal("precision", "f32,f99"),
              "'precision=f99' is not known: 'precision' must be auto, f32, bf16, or f16");
    EXPECT_EQ(refusal("device", "CPU,GPU,NPU"), "'device=CPU,GPU,NPU' has 3 values, wanted one or two");
    EXPECT_NE(refusal("format", "onnx,,openvino").find("has the wrong type"), std::string::npos);
}

}  // namespace
}  // namespace yolovino::options
