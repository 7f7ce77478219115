#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Text from outside as Python's `str` takes it apart.
namespace yolovino::documents {

/// The text without the byte order mark of UTF-8 that may begin it, as Python's codec `utf-8-sig` reads it.
std::string_view without_byte_order_mark(std::string_view text) noexcept;

/// Why `text` cannot be read as UTF-8, for messages: where it stops being so, or that it is UTF-16; empty if it can.
std::string utf8_problem(std::string_view text);

/// The lines of a text as `str.splitlines()` makes them: LF, CR, CR LF, VT, FF, FS, GS, RS, NEL, LS, and PS end one.
class Lines {
public:
    explicit Lines(std::string_view text) noexcept : rest_(text) {}
    /// The next line without its end; false behind the last.
    bool next(std::string_view& line) noexcept;
    /// Of the line that was given last, from 1.
    std::size_t number() const noexcept { return number_; }

private:
    std::string_view rest_;
    std::size_t number_ = 0;
};

/// The next word of a line, as `str.split()` makes them; the line is shortened by it. Empty at the end of the line.
std::string_view next_word(std::string_view& line) noexcept;

/// The text without spaces at its ends, as `str.strip()`.
std::string_view strip(std::string_view text) noexcept;

/// The number that `float(word)` makes: underscores between digits, decimal digits of every script, `inf`, `nan`.
/// Nothing if it would refuse the word.
std::optional<double> python_float(std::string_view word);

/// The number that `int(word)` makes, if it fits 64 bits.
std::optional<std::int64_t> python_int(std::string_view word);

}  // namespace yolovino::documents
