#include "serve/kserve/binary_tensors.hpp"

#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <system_error>

#include "base/fail.hpp"

namespace yolovino::serve {

namespace {

constexpr std::size_t kLengthBytes = 4;

[[noreturn]] void refuse(const std::string& what, std::string_view hint = {}) {
    throw Error(ErrorCode::InvalidArgument, "kserve", what, {}, hint);
}

std::uint32_t little_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = kLengthBytes; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
    return value;
}

}  // namespace

DividedBody divide_body(std::string_view body, const std::optional<std::string_view>& header_length) {
    if (!header_length) return {body, {}, false};
    std::uint64_t length = 0;
    const char* end = header_length->data() + header_length->size();
    const auto [stopped, error] = std::from_chars(header_length->data(), end, length);
    if (error != std::errc() || stopped != end || header_length->empty())
        refuse(fmt::format("Inference-Header-Content-Length is '{}', wanted the number of bytes of JSON",
                           base::printable(*header_length, 40)));
    if (length > body.size())
        refuse(fmt::format("Inference-Header-Content-Length is {}, the body holds {} bytes", length, body.size()));
    return {body.substr(0, length), body.substr(length), length == 0};
}

std::string_view BinaryReader::take(std::uint64_t bytes, std::string_view tensor) {
    if (bytes > rest_.size())
        refuse(fmt::format("input '{}': binary_data_size is {}, but {} bytes are left in the body",
                           base::printable(tensor, 80), bytes, rest_.size()));
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
}

void BinaryReader::end() const {
    if (!rest_.empty())
        refuse(fmt::format("{} bytes are left behind the binary tensors", rest_.size()),
               "the sizes in binary_data_size must add up to what follows the JSON");
}

std::vector<std::string_view> read_bytes_elements(std::string_view data, std::uint64_t count, std::string_view tensor) {
    const std::string name = base::printable(tensor, 80);
    // Each element has paid for its length, so the shape alone reserves no memory.
    if (count > data.size() / kLengthBytes)
        refuse(fmt::format("input '{}': its shape declares {} elements of BYTES, {} bytes hold fewer", name, count,
                           data.size()));
    std::vector<std::string_view> elements;
    elements.reserve(count);
    while (!data.empty()) {
        if (data.size() < kLengthBytes)
            refuse(fmt::format("input '{}': {} bytes are left where the length of an element of BYTES takes 4", name,
                               data.size()));
        const std::uint32_t length = little_endian(data);
        data.remove_prefix(kLengthBytes);
        if (length > data.size())
            refuse(fmt::format("input '{}': element {} of BYTES declares {} bytes, {} are left", name, elements.size(),
                               length, data.size()));
        if (elements.size() == count)
            refuse(fmt::format("input '{}': holds more than the {} elements of its shape", name, count));
        elements.push_back(data.substr(0, length));
        data.remove_prefix(length);
    }
    if (elements.size() != count)
        refuse(fmt::format("input '{}': holds {} elements, its shape declares {}", name, elements.size(), count));
    return elements;
}

void append_bytes_element(std::string& out, std::string_view element) {
    if (element.size() > std::numeric_limits<std::uint32_t>::max())
        throw Error(ErrorCode::LimitExceeded, "kserve", "an element of BYTES is longer than 4 GiB");
    for (std::size_t i = 0; i < kLengthBytes; ++i) out += static_cast<char>(element.size() >> (8 * i) & 0xFFU);
    out += element;
}

}  // namespace yolovino::serve
