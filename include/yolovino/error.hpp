#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "yolovino/visibility.hpp"

namespace yolovino {

/// Everything that can go wrong, as a closed set.
enum class ErrorCode {
    InvalidArgument,    ///< an argument is unknown, of the wrong type, or out of range
    NotFound,           ///< a file, folder, or image source does not exist
    IoFailure,          ///< reading or writing failed in the operating system
    UnsupportedFile,    ///< the file is of a kind that is recognised but not read
    CorruptFile,        ///< the file breaks the rules of its own format
    LimitExceeded,      ///< a limit on size, depth, count, or time was reached, or memory ran out
    UnsupportedModel,   ///< the network holds a layer or an option that is not implemented
    ShapeMismatch,      ///< shapes or counts that belong together disagree
    DeviceUnavailable,  ///< the inference device does not exist or refuses the model
    RuntimeFailure,     ///< the inference runtime reported an error
    NetworkFailure,     ///< a download or a stream failed
    MissingComponent,   ///< an optional module or library is not installed
};

/// The name of a code as it is written in documentation, for example "CorruptFile".
YOLOVINO_API std::string_view to_string(ErrorCode code) noexcept;

/// Where an error was found. Every part may be empty.
struct ErrorLocation {
    std::string file = {};
    std::optional<std::uint64_t> offset_bytes = {};
    std::string module_path = {};
};

/// The only exception that the library throws.
///
/// `what()` is one printable line: `[area] what, got, wanted (file at 0xoffset, in module.path); hint`.
/// Control characters that came from a file are escaped. Copying does not throw.
class YOLOVINO_API Error : public std::exception {
public:
    /// @param code    the kind of failure
    /// @param area    the part of the library that found it, for example "checkpoint"
    /// @param message what happened, with what was found and what was expected
    /// @param where   file, byte offset, and module path as far as they are known
    /// @param hint    what the user can do about it; may be empty
    Error(ErrorCode code, std::string_view area, std::string_view message, ErrorLocation where = {},
          std::string_view hint = {});
    Error(const Error& other) noexcept;
    Error& operator=(const Error& other) noexcept;
    ~Error() override;

    /// The kind of failure.
    ErrorCode code() const noexcept;
    /// File, byte offset, and module path as far as they are known.
    const ErrorLocation& where() const noexcept;
    /// What happened, without area, place, and hint.
    const std::string& message() const noexcept;
    /// What the user can do about it; may be empty.
    const std::string& hint() const noexcept;
    /// The whole line; it lives as long as the error and its copies.
    const char* what() const noexcept override;

private:
    struct State;
    std::shared_ptr<const State> state_;
};

}  // namespace yolovino
