#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino::serve {

/// One field of a form.
struct Part {
    std::string name;
    std::optional<std::string> filename;  ///< of a file; UTF-8 as the client wrote it
    std::string content_type;             ///< in lower case, without parameters; may be empty
    std::string_view body;                ///< within the text that was parsed
};

/// What a form may hold.
inline constexpr std::size_t kMostParts = 16;
inline constexpr std::size_t kMostPartHeaderBytes = 8192;
inline constexpr std::size_t kMostBoundaryBytes = 70;

/// The boundary of `multipart/form-data; boundary=X`; nothing for other types of content.
/// @throws Error CorruptFile if there is none, or it is not as RFC 2046 has it
std::optional<std::string> boundary_of(std::string_view content_type);

/// The fields of a form as RFC 7578 has it: no nested parts, no transfer encodings. The parts refer to `body`.
/// @throws Error CorruptFile, LimitExceeded
std::vector<Part> parse_multipart(std::string_view body, std::string_view boundary);

}  // namespace yolovino::serve
