#include "yolovino/formats.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fmt/format.h>
#include <numeric>
#include <string>
#include <system_error>
#include <vector>

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/text.hpp"
#include "options/check.hpp"
#include "writers/onnx/file.hpp"

namespace yolovino {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 2> kTorchScriptAliases = {"ts", "jit"};
constexpr std::array<std::string_view, 1> kOpenVinoAliases = {"ov"};
constexpr std::array<std::string_view, 1> kTorchScriptArguments = {"optimize"};
constexpr std::array<std::string_view, 5> kOpenVinoArguments = {"int8", "fraction", "float_layers", "guard",
                                                                "max_drop"};
constexpr std::array<std::string_view, 7> kOnnxArguments = {"opset",        "simplify", "int8",    "fraction",
                                                            "float_layers", "guard",    "max_drop"};

constexpr std::array<ExportFormat, 3> kFormats = {
    {{"torchscript", "TorchScript", ".torchscript", kTorchScriptAliases, kTorchScriptArguments},
     {"onnx", "ONNX", ".onnx", {}, kOnnxArguments},
     {"openvino", "OpenVINO", "_openvino_model", kOpenVinoAliases, kOpenVinoArguments}}};

/// How many letters have to be changed, added, or left out to make one word of the other.
std::size_t edits_between(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

/// Names of all formats, those most like `text` first.
std::string names_by_likeness(std::string_view text) {
    constexpr std::size_t kMaxCompared = 64;
    std::vector<std::string_view> names;
    names.reserve(kFormats.size());
    for (const ExportFormat& format : kFormats) names.push_back(format.name);
    const auto distance = [&](std::string_view name) {
        return !text.empty() && name.starts_with(text) ? 0 : edits_between(text.substr(0, kMaxCompared), name);
    };
    std::ranges::stable_sort(names, {}, distance);
    return fmt::format("{}", fmt::join(names, ", "));
}

[[noreturn]] void fail(const std::string& message, std::string_view hint = {}) {
    throw Error(ErrorCode::InvalidArgument, "export", message, {}, hint);
}

void check_taken(const ExportFormat& format, std::string_view argument, bool is_default) {
    if (is_default || std::ranges::find(format.arguments, argument) != format.arguments.end()) return;
    std::vector<std::string_view> takers;
    for (const ExportFormat& each : kFormats) {
        if (std::ranges::find(each.arguments, argument) != each.arguments.end()) takers.push_back(each.name);
    }
    fail(fmt::format("argument '{}' is not supported for format '{}', only for {}", argument, format.name,
                     fmt::join(takers, ", ")));
}

void check_int8(const ExportArgs& args) {
    if (args.int8 && args.data.empty()) {
        fail("int8=True needs data: the ranges of the values are measured on images",
             "give a dataset YAML or a folder of at least 100 images of the real use, for example data=coco128.yaml");
    }
    const fs::path suffix = fs::path(args.data).extension();
    // The labels of classification are the folders of its images.
    std::error_code ignored;
    const bool labelled =
        suffix == ".yaml" || suffix == ".yml" || fs::is_directory(fs::path(args.data) / args.split, ignored);
    if (args.max_drop && args.int8 && !labelled)
        fail("max_drop needs labels", "give a dataset YAML as data, for classify the folder that holds val/");
    if (args.int8) return;
    if (args.max_drop) fail("max_drop is for int8=True");
    if (args.guard) fail("guard=True is for int8=True");
    if (!args.float_layers.empty()) fail("float_layers is for int8=True");
}

const ExportFormat& format_named(std::string_view name) {
    const std::string wanted = base::to_lower(name);
    for (const ExportFormat& format : kFormats) {
        if (format.name == wanted || std::ranges::find(format.aliases, wanted) != format.aliases.end()) return format;
    }
    const bool checkpoint = wanted == "pt" || wanted == "pytorch" || wanted == "-";
    fail(fmt::format("format '{}' is unknown, wanted one of {}", base::printable(name, 64), names_by_likeness(wanted)),
         checkpoint ? "the model is in PyTorch's format already" : "");
}

void check_all(const ExportArgs& args) {
    const ExportFormat& format = format_named(args.format);
    options::check(args);
    const ExportArgs defaults;
    check_taken(format, "opset", args.opset == defaults.opset);
    check_taken(format, "simplify", args.simplify == defaults.simplify);
    check_taken(format, "optimize", args.optimize == defaults.optimize);
    check_taken(format, "int8", args.int8 == defaults.int8);
    check_taken(format, "fraction", args.fraction == defaults.fraction);
    check_taken(format, "float_layers", args.float_layers == defaults.float_layers);
    check_taken(format, "guard", args.guard == defaults.guard);
    check_taken(format, "max_drop", args.max_drop == defaults.max_drop);
    check_int8(args);
    using namespace writers::onnx;
    if (args.int8 && args.opset && *args.opset < kMinCodesOpset)
        fail(fmt::format("opset is {}, wanted {} to {} for int8=True", *args.opset, kMinCodesOpset, kMaxOpset));
}

}  // namespace

std::span<const ExportFormat> export_formats() noexcept {
    return kFormats;
}

const ExportFormat& find_export_format(std::string_view name) {
    return base::api_call("export", [&]() -> const ExportFormat& { return format_named(name); });
}

void check_export(const ExportArgs& args) {
    base::api_call("export", [&] { check_all(args); });
}

}  // namespace yolovino
