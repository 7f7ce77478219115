#include "engine/runtime_choice.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include "yolovino/model.hpp"

#include "base/fail.hpp"
#include "engine/foreign.hpp"
#include "runtime/session.hpp"

namespace yolovino::engine {

namespace {

/// The option's spelling.
std::string_view key_of(Runtime runtime) {
    switch (runtime) {
        case Runtime::Auto:
            return "auto";
        case Runtime::OpenVino:
            return "openvino";
        case Runtime::OnnxRuntime:
            return "onnxruntime";
        case Runtime::LibTorch:
            return "libtorch";
    }
    return "auto";
}

/// What runs a format, the usual one first.
std::vector<Runtime> runtimes_of(ModelFormat format) {
    switch (format) {
        case ModelFormat::Checkpoint:
            return {Runtime::OpenVino, Runtime::LibTorch};
        case ModelFormat::OpenVino:
            return {Runtime::OpenVino};
        case ModelFormat::Onnx:
            return {Runtime::OnnxRuntime, Runtime::OpenVino};
        case ModelFormat::TorchScript:
            return {Runtime::LibTorch};
        case ModelFormat::SavedModel:
        case ModelFormat::FrozenGraph:
        case ModelFormat::TfLite:
        case ModelFormat::Paddle:
        case ModelFormat::Caffe:
        case ModelFormat::Keras:
            return {Runtime::OpenVino};
    }
    return {};
}

std::string_view text_of(ModelFormat format) {
    switch (format) {
        case ModelFormat::Checkpoint:
            return "checkpoint";
        case ModelFormat::OpenVino:
            return "OpenVINO model";
        case ModelFormat::Onnx:
            return "ONNX model";
        case ModelFormat::TorchScript:
            return "TorchScript archive";
        case ModelFormat::SavedModel:
        case ModelFormat::FrozenGraph:
            return "TensorFlow model";
        case ModelFormat::TfLite:
            return "TensorFlow Lite model";
        case ModelFormat::Paddle:
            return "PaddlePaddle model";
        case ModelFormat::Caffe:
            return "Caffe model";
        case ModelFormat::Keras:
            return "Keras model";
    }
    return "file";
}

}  // namespace

ModelFormat format_of(const std::filesystem::path& path) {
    if (const auto foreign = foreign_format(path)) return *foreign;
    if (std::filesystem::is_directory(path) || path.extension() == ".xml") return ModelFormat::OpenVino;
    if (path.extension() == ".onnx") return ModelFormat::Onnx;
    if (path.extension() == ".torchscript") return ModelFormat::TorchScript;
    return ModelFormat::Checkpoint;
}

std::string_view title_of(Runtime runtime) {
    switch (runtime) {
        case Runtime::OnnxRuntime:
            return "ONNX Runtime";
        case Runtime::LibTorch:
            return "LibTorch";
        case Runtime::Auto:
        case Runtime::OpenVino:
            break;
    }
    return "OpenVINO";
}

RuntimeChoice choose_runtime(ModelFormat format, Runtime asked, const std::filesystem::path& path) {
    const std::vector<Runtime> able = runtimes_of(format);
    if (asked != Runtime::Auto) {
        if (std::ranges::find(able, asked) != able.end()) return {asked, {}};
        std::vector<std::string_view> keys;
        keys.reserve(able.size());
        for (const Runtime each : able) keys.push_back(key_of(each));
        throw Error(ErrorCode::InvalidArgument, "model",
                    fmt::format("runtime={} does not run a file of this kind ({}), wanted auto or {}", key_of(asked),
                                text_of(format), fmt::join(keys, " or ")),
                    {.file = path.string()});
    }
    if (format != ModelFormat::Onnx) return {able.front(), {}};
    try {
        static_cast<void>(runtime::onnxruntime_version());
        return {able.front(), {}};
    } catch (const Error& e) {
        return {able.back(), e.message()};
    }
}

}  // namespace yolovino::engine

namespace yolovino {

std::vector<RuntimeInfo> available_runtimes() {
    std::vector<RuntimeInfo> infos = {{.name = "OpenVINO", .version = openvino_version(), .missing = {}}};
    const auto add = [&](Runtime runtime, auto version) {
        RuntimeInfo info{.name = std::string(engine::title_of(runtime)), .version = {}, .missing = {}};
        try {
            info.version = version();
        } catch (const Error& e) {
            info.missing = e.hint().empty() ? e.message() : fmt::format("{}; {}", e.message(), e.hint());
        }
        infos.push_back(std::move(info));
    };
    add(Runtime::OnnxRuntime, runtime::onnxruntime_version);
    add(Runtime::LibTorch, runtime::libtorch_version);
    return infos;
}

}  // namespace yolovino
