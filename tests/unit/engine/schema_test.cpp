#include "options/schema.hpp"

#include <gtest/gtest.h>

#include "yolovino/formats.hpp"

#include "engine/validate/report.hpp"
#include "writers/onnx/file.hpp"

/// The room of the options lies below the rooms whose tables it names.
namespace yolovino {
namespace {

TEST(Schema, FormatsAreThoseOfTheExport) {
    std::vector<std::string> names;
    for (const ExportFormat& each : export_formats()) names.emplace_back(each.name);
    EXPECT_EQ(options::find_option("format")->values, names);
    for (const ExportFormat& each : export_formats()) {
        for (const std::string_view argument : each.arguments)
            EXPECT_NE(options::find_option(argument), nullptr) << argument;
    }
}

TEST(Schema, OpsetsAreThoseOfTheWriter) {
    const options::Range& range = options::find_option("opset")->range;
    EXPECT_EQ(range.lowest, writers::onnx::kMinOpset);
    EXPECT_EQ(range.highest, writers::onnx::kMaxOpset);
}

TEST(Schema, ProtocolsAreThoseOfTheValidation) {
    for (const std::string& name : options::find_option("protocol")->choices)
        EXPECT_NO_THROW(engine::parse_protocol(name)) << name;
}

}  // namespace
}  // namespace yolovino
