#include "metadata/python_literal.hpp"

#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "base/fail.hpp"
#include "base/text.hpp"

namespace yolovino::metadata {

namespace {

/// Reads the literals that Python's `str()` writes for the values of metadata, and nothing else.
class Literal {
public:
    Literal(std::string_view text, std::string_view what, const std::string& file)
        : text_(text), what_(what), file_(file) {}

    Value parse() {
        Value value = element(0);
        skip_blanks();
        if (!done()) fail("text follows the value");
        return value;
    }

private:
    [[noreturn]] void fail(std::string_view why) const {
        throw Error(ErrorCode::CorruptFile, "metadata",
                    fmt::format("'{}' is not a Python literal: {} at character {}", what_, why, at_), {.file = file_});
    }

    bool done() const { return at_ >= text_.size(); }
    void skip_blanks() {
        while (!done() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    }
    bool accept(char c) {
        skip_blanks();
        if (done() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    Value element(int depth) {
        if (!budget_.pay(depth)) {
            throw Error(ErrorCode::LimitExceeded, "metadata",
                        fmt::format("'{}' is larger than {} values or deeper than {} levels", what_, Budget::kMaxValues,
                                    Budget::kMaxDepth),
                        {.file = file_});
        }
        skip_blanks();
        if (done()) fail("the text ends");
        const char c = text_[at_];
        if (c == '{') return mapping(depth + 1);
        if (c == '[' || c == '(') return list(c == '[' ? ']' : ')', depth + 1);
        if (c == '\'' || c == '"') return {quoted()};
        return word();
    }

    Value mapping(int depth) {
        Value::Map map;
        ++at_;
        while (!accept('}')) {
            if (!map.empty() && !accept(',')) fail("a comma is missing");
            if (!map.empty() && accept('}')) break;
            Value key = element(depth);
            if (!accept(':')) fail("a colon is missing");
            map.push_back({std::move(key), element(depth)});
        }
        return {std::move(map)};
    }

    Value list(char close, int depth) {
        Value::List values;
        bool comma = false;
        ++at_;
        while (!accept(close)) {
            if (!values.empty() && !(comma = accept(','))) fail("a comma is missing");
            if (!values.empty() && accept(close)) break;
            values.push_back(element(depth));
            comma = false;
        }
        // `(640)` is a number in brackets, `(640,)` is a tuple.
        if (close == ')' && values.size() == 1 && !comma) return std::move(values.front());
        return {std::move(values)};
    }

    std::string quoted() {
        const char quote = text_[at_++];
        std::string out;
        while (true) {
            if (done() || text_[at_] == '\n') fail("a string does not end");
            const char c = text_[at_++];
            if (c == quote) return out;
            if (c == '\\')
                escape(out);
            else
                out += c;
        }
    }

    void escape(std::string& out) {
        if (done()) fail("a string does not end");
        const char c = text_[at_++];
        static constexpr std::string_view kFrom = "\\'\"nrtabfv0";
        static constexpr std::string_view kTo("\\'\"\n\r\t\a\b\f\v\0", kFrom.size());
        if (const std::size_t simple = kFrom.find(c); simple != std::string_view::npos) {
            out += kTo[simple];
        } else if (c == 'x' || c == 'u' || c == 'U') {
            base::append_utf8(out, hexadecimal(c == 'x' ? 2 : c == 'u' ? 4 : 8));
        } else {
            fail("a string holds an unknown escape");
        }
    }

    std::uint32_t hexadecimal(std::size_t digits) {
        std::uint32_t code = 0;
        const std::string_view part = text_.substr(at_, digits);
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), code, 16);
        if (part.size() != digits || error != std::errc() || end != part.data() + part.size()) fail("a bad escape");
        if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) fail("an escape that is not a character");
        at_ += digits;
        return code;
    }

    Value word() {
        const std::size_t start = at_;
        while (!done() && std::string_view(",:[](){}'\" \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
        const std::string_view word = text_.substr(start, at_ - start);
        if (word == "None") return {};
        if (word == "True") return {true};
        if (word == "False") return {false};
        // from_chars also takes `inf` and `nan`, which Python does not write as literals.
        const std::size_t digit = word.starts_with('-') ? 1 : 0;
        const bool numeric = word.size() > digit && (word[digit] == '.' || (word[digit] >= '0' && word[digit] <= '9'));
        const char* const end = word.data() + word.size();
        if (std::int64_t integer = 0; numeric) {
            if (const auto [stop, error] = std::from_chars(word.data(), end, integer);
                error == std::errc() && stop == end)
                return {integer};
        }
        if (double real = 0; numeric) {
            if (const auto [stop, error] = std::from_chars(word.data(), end, real); error == std::errc() && stop == end)
                return {real};
        }
        at_ = start;
        fail("an unknown word");
    }

    std::string_view text_;
    std::string_view what_;
    const std::string& file_;
    std::size_t at_ = 0;
    Budget budget_;
};

}  // namespace

Value parse_python(std::string_view text, std::string_view what, const std::string& file) {
    return Literal(text, what, file).parse();
}

}  // namespace yolovino::metadata
