#include "yolovino/error.hpp"

#include "engine/model_info.hpp"
#include "fuzz/input.hpp"

/// What is read back from an exported file describes a detection network within the caps.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    static const fuzz::Scratch scratch;
    const auto file = scratch.write("model.onnx", fuzz::text_of(data, size));
    try {
        const ModelInfo info = engine::describe_export(file).info;
        fuzz::expect(info.names.size() <= 65'536 && info.task == "detect", "what is accepted is a detection network");
        fuzz::expect(info.imgsz.height >= 0 && info.imgsz.width >= 0, "sides are counts");
    } catch (const Error& error) {
        fuzz::expect(error.code() != ErrorCode::IoFailure, "the file itself can be read");
    }
    return 0;
}
