#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace yolovino::serve {

/// The text that clients must give, or none.
class Token {
public:
    /// Nobody is asked for one.
    Token() = default;
    /// The first line of a file. @throws Error NotFound, IoFailure, LimitExceeded, InvalidArgument if it is empty
    explicit Token(const std::filesystem::path& file);

    bool is_wanted() const noexcept { return !hash_.empty(); }
    /// Whether `Bearer TEXT` has the right text, or none is wanted. How long it takes says nothing of the text.
    bool allows(std::string_view authorization) const;

private:
    std::string hash_;
};

}  // namespace yolovino::serve
