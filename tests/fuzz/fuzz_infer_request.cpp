#include <optional>
#include <string>
#include <string_view>

#include "yolovino/error.hpp"

#include "fuzz/input.hpp"
#include "serve/kserve/base64.hpp"
#include "serve/kserve/binary_tensors.hpp"
#include "serve/kserve/infer_request.hpp"

/// A request to infer: the first line is the header with the length of the JSON (empty: none), the rest the body. What
/// is taken has as many values as its shapes say, all of them within the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    using fuzz::expect;
    const std::string_view text = fuzz::text_of(data, size);
    const std::size_t line = text.find('\n');
    if (line == std::string_view::npos) return 0;
    const std::string_view header = text.substr(0, line);
    const std::string_view body = text.substr(line + 1);
    const std::optional<std::string_view> length = header.empty() ? std::nullopt : std::optional(header);
    for (const serve::RawInput& raw : {serve::RawInput{"images", serve::Datatype::Fp32, {1, 3, 2, 2}},
                                       serve::RawInput{"image", serve::Datatype::Bytes, {1}}}) {
        try {
            const serve::InferRequest request = serve::parse_infer_request(body, length, raw);
            for (const serve::InferInput& input : request.inputs) {
                expect(serve::element_count(input.shape) == input.count, "the count is the product of the shape");
                if (!input.binary) {
                    expect(input.numbers.size() + input.texts.size() == input.count, "each element has a value");
                    for (const std::string& each : input.texts) {
                        const auto bytes = serve::decode_base64(each);
                        expect(!bytes || bytes->size() <= each.size() / 4 * 3, "base64 grows by a third");
                    }
                    continue;
                }
                expect(
                    input.binary->empty() || (input.binary->data() >= body.data() &&
                                              input.binary->data() + input.binary->size() <= body.data() + body.size()),
                    "a binary tensor is part of the body");
                const std::size_t element = serve::element_bytes(input.datatype);
                expect(element == 0 || input.binary->size() == element * input.count, "it has the bytes of its shape");
                if (element == 0 && !input.raw)
                    expect(serve::read_bytes_elements(*input.binary, input.count, input.name).size() == input.count,
                           "it has the elements of its shape");
            }
        } catch (const Error& error) {
            expect(error.code() == ErrorCode::InvalidArgument || error.code() == ErrorCode::LimitExceeded,
                   "a refusal blames the request");
        }
    }
    return 0;
}
