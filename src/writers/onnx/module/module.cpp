#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>
#include <system_error>
#include <unistd.h>

#include "base/fail.hpp"
#include "writers/onnx/file.hpp"
#include "writers/onnx/module/lowering.hpp"

namespace yolovino::writers::onnx {

namespace {

// What libonnx 1.12 supports. The operators that are used here are the same in opsets 17 to 20.
constexpr int kCheckedOpset = 17;
constexpr int kCheckedIrVersion = 8;

/// The file version that came with each opset.
int ir_version(int opset) {
    constexpr std::array<int, kMaxOpset - kMinOpset + 1> kVersions = {6, 7, 7, 7, 8, 8, 8, 8, 9, 9};
    return kVersions.at(static_cast<std::size_t>(opset - kMinOpset));
}

void set_versions(::onnx::ModelProto& model, int ir, int opset) {
    model.set_ir_version(ir);
    model.mutable_opset_import(0)->set_version(opset);
}

/// The checks of `onnx.checker.check_model(full_check=True)`. Inference also finds the shapes of all tensors.
void check(::onnx::ModelProto& model) {
    ::onnx::checker::check_model(model);
    const ::onnx::ShapeInferenceOptions strict(true, 1, true);
    ::onnx::shape_inference::InferShapes(model, ::onnx::OpSchemaRegistry::Instance(), strict);
}

::onnx::ModelProto build(const graph::Graph& graph, const Metadata& metadata, const Options& options) {
    const int opset = options.opset;
    ::onnx::ModelProto model;
    model.set_producer_name("yolovino");
    model.set_producer_version(metadata.version);
    model.add_opset_import();
    set_versions(model, std::min(ir_version(opset), kCheckedIrVersion), std::min(opset, kCheckedOpset));
    for (const auto& [key, value] : to_properties(metadata)) {
        auto& property = *model.add_metadata_props();
        property.set_key(key);
        property.set_value(value);
    }
    model.mutable_graph()->set_name("main_graph");
    lower(graph, {opset, metadata.half, options.codes}, *model.mutable_graph());
    base::translate(ErrorCode::RuntimeFailure, "onnx", "the ONNX checker refuses the model", [&] { check(model); });
    // Names that inference invents for dynamic dimensions say nothing to a reader.
    if (metadata.dynamic) model.mutable_graph()->clear_value_info();
    set_versions(model, ir_version(opset), opset);
    return model;
}

void save(const ::onnx::ModelProto& model, const std::filesystem::path& path) {
    constexpr std::size_t kMaxBytes = std::numeric_limits<int>::max();  // protobuf's
    if (model.ByteSizeLong() > kMaxBytes) {
        throw Error(ErrorCode::LimitExceeded, "onnx",
                    fmt::format("the model has {} bytes, a file holds at most {}", model.ByteSizeLong(), kMaxBytes));
    }
    const auto fail = [&](const char* what, int error_number) {
        throw Error(ErrorCode::IoFailure, "onnx",
                    fmt::format("{}: {}", what, std::generic_category().message(error_number)),
                    {.file = path.string()});
    };
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) fail("cannot create", errno);
    errno = 0;
    const bool written = model.SerializeToFileDescriptor(descriptor);
    const int write_error = errno;
    const bool closed = ::close(descriptor) == 0;
    if (!written || !closed) fail("cannot write", written ? errno : write_error);
}

}  // namespace

}  // namespace yolovino::writers::onnx

extern "C" __attribute__((visibility("default"))) void yolovino_write_onnx(
    const yolovino::graph::Graph& graph, const yolovino::writers::Metadata& metadata,
    const yolovino::writers::onnx::Options& options, const std::filesystem::path& path) {
    using namespace yolovino::writers::onnx;
    save(build(graph, metadata, options), path);
}
