#include "yolovino/error.hpp"
#include "yolovino/log.hpp"

#include "engine/model/export_info.hpp"
#include "fuzz/input.hpp"
#include "quantize/report.hpp"

/// What stands beside a network of OpenVINO: metadata.yaml, and behind a zero byte quantization.json.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    static const fuzz::Scratch scratch;
    const std::string_view text = fuzz::text_of(data, size);
    const std::size_t first_end = std::min(text.find('\0'), text.size());
    scratch.write("metadata.yaml", text.substr(0, first_end));
    try {
        const ModelInfo info =
            engine::describe_export(scratch.path() / "model.xml", engine::ModelFormat::OpenVino).info;
        fuzz::expect(info.names.size() <= 65'536, "what is accepted has names that can be listed");
        for (const int stride : info.strides) fuzz::expect(stride >= 1 && stride <= 4096, "strides are in range");
    } catch (const Error&) {
    }
    if (first_end == text.size()) return 0;
    try {
        const QuantizationInfo info = quantize::parse_json(std::string(text.substr(first_end + 1)), "input");
        const std::string written = quantize::to_json(info);
        fuzz::expect(quantize::to_json(quantize::parse_json(written, "input")) == written,
                     "a rewritten report reads equal");
    } catch (const Error&) {
    }
    return 0;
}
