#include "options/value.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "options/text.hpp"

namespace yolovino::options {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<Value> parse_integer(std::string_view digits, bool negative) {
    const bool leading_zero = digits.size() > 1 && digits[0] == '0';
    if (leading_zero) return std::nullopt;
    const std::string text = (negative ? "-" : "") + std::string(digits);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return Value{text};
    return Value{number};
}

std::optional<Value> parse_number(std::string_view text) {
    const bool negative = !text.empty() && text[0] == '-';
    if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
    if (text.empty() || !(is_digit(text[0]) || text[0] == '.')) return std::nullopt;
    if (std::ranges::all_of(text, is_digit)) return parse_integer(text, negative);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return Value{negative ? -number : number};
}

class Literal {
public:
    explicit Literal(std::string_view text) : text_(text) {}

    std::optional<Value> parse() {
        std::optional<Value> first = element(0);
        if (!first) return std::nullopt;
        skip_blanks();
        if (done()) return first;
        Value::List list = {std::move(*first)};
        if (!rest_of_list(list, '\0', 0)) return std::nullopt;
        return Value{std::move(list)};
    }

private:
    static constexpr int kDeepest = 16;

    bool done() const { return at_ >= text_.size(); }
    void skip_blanks() {
        while (!done() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
    }
    bool accept(char c) {
        skip_blanks();
        if (done() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    bool at_end_of_list(char close) {
        skip_blanks();
        return close == '\0' ? done() : accept(close);
    }

    bool rest_of_list(Value::List& list, char close, int depth) {
        while (!at_end_of_list(close)) {
            if (!list.empty() && !accept(',')) return false;
            if (!list.empty() && at_end_of_list(close)) return true;
            std::optional<Value> next = element(depth);
            if (!next) return false;
            list.push_back(std::move(*next));
        }
        return true;
    }

    std::optional<Value> element(int depth) {
        skip_blanks();
        if (done() || depth > kDeepest) return std::nullopt;
        const char c = text_[at_];
        if (c == '\'' || c == '"') return quoted(c);
        if (c == '[' || c == '(') {
            ++at_;
            return bracketed(c == '[' ? ']' : ')', depth + 1);
        }
        return word();
    }

    std::optional<Value> bracketed(char close, int depth) {
        Value::List list;
        const std::size_t start = at_;
        if (!rest_of_list(list, close, depth)) return std::nullopt;
        const std::string_view inside = text_.substr(start, at_ - start - 1);
        // `(640)` is a number in brackets, `(640,)` is a tuple.
        if (close == ')' && list.size() == 1 && inside.find(',') == std::string_view::npos) return std::move(list[0]);
        return Value{std::move(list)};
    }

    std::optional<Value> quoted(char quote) {
        std::string out;
        for (++at_; !done(); ++at_) {
            char c = text_[at_];
            if (c == quote) {
                ++at_;
                return Value{std::move(out)};
            }
            if (c == '\\' && at_ + 1 < text_.size()) {
                const char next = text_[at_ + 1];
                if (next == '\\' || next == '\'' || next == '"') {
                    c = next;
                    ++at_;
                }
            }
            out += c;
        }
        return std::nullopt;
    }

    std::optional<Value> word() {
        const std::size_t start = at_;
        while (!done() && std::string_view(",[]()'\" \t").find(text_[at_]) == std::string_view::npos) ++at_;
        const std::string_view text = text_.substr(start, at_ - start);
        if (text == "None") return Value{};
        if (text == "True") return Value{true};
        if (text == "False") return Value{false};
        return parse_number(text);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

Value parse_value(std::string_view text) {
    const std::string word = lower(trim(text));
    if (word == "none") return {};
    if (word == "true") return Value{true};
    if (word == "false") return Value{false};
    if (std::optional<Value> literal = Literal(trim(text)).parse()) return *std::move(literal);
    return Value{std::string(text)};
}

}  // namespace yolovino::options
