#include "engine/runtime_choice.hpp"

#include <fmt/format.h>
#include <vector>

#include "yolovino/model.hpp"
#include "yolovino/spellings.hpp"

#include "base/fail.hpp"
#include "engine/foreign.hpp"
#include "engine/format_table.hpp"
#include "runtime/session.hpp"

namespace yolovino::engine {

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
    const FormatRow& row = row_of(format);
    if (asked == row.usual || (row.other && asked == *row.other)) return {asked, {}};
    if (asked != Runtime::Auto) {
        const std::string able = row.other ? fmt::format("{} or {}", name_of(row.usual), name_of(*row.other))
                                           : std::string(name_of(row.usual));
        throw Error(ErrorCode::InvalidArgument, "model",
                    fmt::format("runtime={} does not run a file of this kind ({}), wanted auto or {}", name_of(asked),
                                row.text, able),
                    {.file = path.string()});
    }
    if (format != ModelFormat::Onnx) return {row.usual, {}};
    try {
        static_cast<void>(runtime::onnxruntime_version());
        return {row.usual, {}};
    } catch (const Error& e) {
        return {Runtime::OpenVino, e.message()};
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
