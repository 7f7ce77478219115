#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/error.hpp"

namespace yolovino::data {

/// How the images of a pipe follow each other.
enum class Framing { Auto, Lines, Length, Netstring, Whole };

/// @throws Error InvalidArgument
Framing parse_framing(const std::string& name);

/// One image of a pipe, or where it is to be had.
struct PipeRecord {
    std::string name;                ///< path or URL, key, or `image0.jpg` for images without one
    bool is_location = false;        ///< the name says where the image is; otherwise it is in `encoded`
    std::vector<std::byte> encoded;  ///< of an image
};

/// Cuts a stream of bytes into records. Memory is taken as bytes come, never because a length says so. Used by one
/// thread, `interrupt()` by any.
class PipeReader {
public:
    /// @param descriptor stays open
    /// @throws Error LimitExceeded without a descriptor more
    PipeReader(int descriptor, Framing framing);
    ~PipeReader();
    PipeReader(const PipeReader&) = delete;
    PipeReader& operator=(const PipeReader&) = delete;

    /// Waits for the next record; nothing at the end, or after an interruption.
    /// @throws Error CorruptFile where no further record can be found, LimitExceeded for records that are too large,
    /// IoFailure
    std::optional<PipeRecord> next();
    void interrupt() noexcept;

private:
    bool fill();
    bool have(std::size_t count);
    std::string peek(std::size_t count);
    std::vector<std::byte> take(std::size_t count);
    Framing detect();
    std::optional<PipeRecord> next_line();
    std::optional<PipeRecord> next_sized();
    std::optional<PipeRecord> next_netstrings();
    std::optional<PipeRecord> whole();
    std::vector<std::byte> netstring(std::string_view what, std::size_t most);
    std::string default_name() const;
    [[noreturn]] void fail(ErrorCode code, const std::string& what, std::string_view hint) const;

    const int descriptor_;
    int wake_ = -1;  ///< becomes readable when the reading is interrupted
    Framing framing_;
    std::vector<std::byte> buffer_;
    std::size_t begin_ = 0;  ///< of what has not been taken in the buffer
    bool ended_ = false;
    std::atomic<bool> stop_ = false;
    std::size_t records_ = 0;
};

}  // namespace yolovino::data
