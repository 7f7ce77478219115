#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino::serve {

/// Header of requests and answers with binary tensors, in lower case: how many bytes of the body are JSON.
inline constexpr std::string_view kHeaderLength = "inference-header-content-length";

/// A body, divided. With `raw` there is no JSON: the rest is the only input.
struct DividedBody {
    std::string_view json;
    std::string_view rest;
    bool raw = false;
};

/// @param header_length the value of the header; unset: all of the body is JSON
/// @throws Error InvalidArgument if it is no number, or larger than the body
DividedBody divide_body(std::string_view body, const std::optional<std::string_view>& header_length);

/// Takes tensors from the bytes behind the JSON, one after the other.
class BinaryReader {
public:
    explicit BinaryReader(std::string_view rest) : rest_(rest) {}
    /// @param tensor its name, for messages. @throws Error InvalidArgument past the end
    std::string_view take(std::uint64_t bytes, std::string_view tensor);
    /// @throws Error InvalidArgument if bytes are left
    void end() const;

private:
    std::string_view rest_;
};

/// Elements of a tensor of BYTES: each is its length, 4 bytes little-endian, and so many bytes.
/// @param count how many the shape declares
/// @throws Error InvalidArgument if there are more or fewer, or one goes past the end
std::vector<std::string_view> read_bytes_elements(std::string_view data, std::uint64_t count, std::string_view tensor);

/// Appends one element. @throws Error LimitExceeded if its length does not fit
void append_bytes_element(std::string& out, std::string_view element);

}  // namespace yolovino::serve
