#include "writers/onnx/file.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/module_loader.hpp"

namespace yolovino::writers::onnx {

void write_file(const graph::Graph& graph, const Metadata& metadata, const Options& options,
                const std::filesystem::path& path) {
    const int least = options.codes != nullptr ? kMinCodesOpset : kMinOpset;
    if (options.opset < least || options.opset > kMaxOpset) {
        throw Error(ErrorCode::InvalidArgument, "onnx",
                    fmt::format("opset is {}, wanted {} to {}", options.opset, least, kMaxOpset));
    }
    static const auto write = reinterpret_cast<WriteFunction>(base::load_module_symbol("onnx", "yolovino_write_onnx"));
    base::emit_progress("Writing", 0, 0);
    base::PendingPath pending(path, base::PendingPath::Kind::File);
    try {
        write(graph, metadata, options, pending.path());
    } catch (const Error& error) {
        throw pending.named(error, "onnx");
    }
    pending.commit();
}

const char* library_version() noexcept {
    return YOLOVINO_ONNX_VERSION;
}

}  // namespace yolovino::writers::onnx
