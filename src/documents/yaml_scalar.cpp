#include "documents/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "base/text.hpp"
#include "documents/text.hpp"

namespace yolovino::documents {

namespace {

constexpr std::size_t kMaxDigits = 4300;  // Python makes no longer integers of text

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Walks over a scalar: the forms of PyYAML's resolver, piece by piece.
class Form {
public:
    explicit Form(std::string_view text) : rest_(text) {}

    bool done() const { return rest_.empty(); }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_any(std::string_view set) {
        if (rest_.empty() || set.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::size_t run(std::string_view set) {
        const std::size_t count = std::min(rest_.find_first_not_of(set), rest_.size());
        rest_.remove_prefix(count);
        return count;
    }
    /// `least` to `most` digits; their number, or nothing.
    std::optional<int> digits(std::size_t least, std::size_t most) {
        std::size_t count = 0;
        int value = 0;
        for (; count < most && count < rest_.size() && is_digit(rest_[count]); ++count)
            value = value * 10 + (rest_[count] - '0');
        if (count < least) return std::nullopt;
        rest_.remove_prefix(count);
        return value;
    }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kDigitsAndMarks = "0123456789_";

/// `:59:59`, each with one or two digits; how many there are.
std::size_t take_sixties(Form& form) {
    std::size_t count = 0;
    for (Form ahead = form; ahead.take(':'); form = ahead, ++count) {
        const std::string_view rest = ahead.rest();
        const bool two = rest.size() > 1 && rest[0] <= '5' && is_digit(rest[0]) && is_digit(rest[1]);
        if (!two && (rest.empty() || !is_digit(rest[0]))) break;
        ahead.digits(1, two ? 2 : 1);
    }
    return count;
}

bool is_int(std::string_view text) {
    Form form(text);
    form.take_any("-+");
    if (Form zero = form; zero.take('0')) {
        if (zero.done()) return true;
        if (Form bits = zero; bits.take('b')) return bits.run("01_") > 0 && bits.done();
        if (Form hex = zero; hex.take('x')) return hex.run("0123456789abcdefABCDEF_") > 0 && hex.done();
        return zero.run("01234567_") > 0 && zero.done();
    }
    if (!form.take_any("123456789")) return false;
    form.run(kDigitsAndMarks);
    if (form.done()) return true;
    return take_sixties(form) > 0 && form.done();
}

void take_exponent(Form& form) {
    Form ahead = form;
    if (ahead.take_any("eE") && ahead.take_any("-+") && ahead.run(kDigits) > 0) form = ahead;
}

bool is_float(std::string_view text) {
    if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
    Form form(text);
    if (Form point = form; point.take('.') && point.run(kDigits) > 0) {
        point.run(kDigitsAndMarks);
        take_exponent(point);
        return point.done();
    }
    form.take_any("-+");
    if (form.rest() == ".inf" || form.rest() == ".Inf" || form.rest() == ".INF") return true;
    if (!form.take_any(kDigits)) return false;
    form.run(kDigitsAndMarks);
    const bool sixties = take_sixties(form) > 0;
    if (!form.take('.')) return false;
    form.run(kDigitsAndMarks);
    if (!sixties) take_exponent(form);
    return form.done();
}

struct Moment {
    int year = 0;
    int month = 0;
    int day = 0;
    bool has_time = false;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::string fraction;
    bool has_zone = false;
    int zone_minutes = 0;
};

bool take_zone(Form& form, Moment& moment) {
    form.run(" \t");
    if (form.done()) return true;
    moment.has_zone = true;
    if (form.take('Z')) return form.done();
    const bool negative = form.take('-');
    if (!negative && !form.take('+')) return false;
    const std::optional<int> hours = form.digits(1, 2);
    if (!hours) return false;
    int minutes = 0;
    if (form.take(':')) {
        const std::optional<int> more = form.digits(2, 2);
        if (!more) return false;
        minutes = *more;
    }
    moment.zone_minutes = (*hours * 60 + minutes) * (negative ? -1 : 1);
    return form.done();
}

/// @param strict two digits for month and day, as a bare date must have
std::optional<Moment> read_moment(std::string_view text, bool strict) {
    Form form(text);
    Moment moment;
    const auto year = form.digits(4, 4);
    if (!year || !form.take('-')) return std::nullopt;
    const std::size_t month_at = form.rest().size();
    const auto month = form.digits(1, 2);
    if (!month || !form.take('-')) return std::nullopt;
    const bool month_short = month_at - form.rest().size() < 3;
    const std::size_t day_at = form.rest().size();
    const auto day = form.digits(1, 2);
    if (!day) return std::nullopt;
    const bool day_short = day_at - form.rest().size() < 2;
    moment.year = *year;
    moment.month = *month;
    moment.day = *day;
    if (form.done()) return strict && (month_short || day_short) ? std::nullopt : std::optional(moment);
    if (!form.take_any("Tt") && form.run(" \t") == 0) return std::nullopt;
    moment.has_time = true;
    const auto hour = form.digits(1, 2);
    if (!hour || !form.take(':')) return std::nullopt;
    const auto minute = form.digits(2, 2);
    if (!minute || !form.take(':')) return std::nullopt;
    const auto second = form.digits(2, 2);
    if (!second) return std::nullopt;
    moment.hour = *hour;
    moment.minute = *minute;
    moment.second = *second;
    if (form.take('.')) {
        const std::string_view before = form.rest();
        moment.fraction = before.substr(0, form.run(kDigits));
    }
    if (!take_zone(form, moment)) return std::nullopt;
    return moment;
}

int days_of(int year, int month) {
    static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return kDays.at(static_cast<std::size_t>(month - 1)) + (leap && month == 2 ? 1 : 0);
}

/// As str() writes a date or datetime.
std::string moment_text(const Moment& moment) {
    const bool date = moment.year >= 1 && moment.month >= 1 && moment.month <= 12 && moment.day >= 1 &&
                      moment.day <= days_of(moment.year, moment.month);
    if (!date || moment.hour > 23 || moment.minute > 59 || moment.second > 59 ||
        std::abs(moment.zone_minutes) >= 24 * 60)
        throw BadScalar{"no such date or time"};
    std::string out = fmt::format("{:04}-{:02}-{:02}", moment.year, moment.month, moment.day);
    if (!moment.has_time) return out;
    out += fmt::format(" {:02}:{:02}:{:02}", moment.hour, moment.minute, moment.second);
    std::string fraction = moment.fraction.substr(0, 6);
    fraction.resize(moment.fraction.empty() ? 0 : 6, '0');
    if (fraction.find_first_not_of('0') != std::string::npos) out += "." + fraction;
    if (moment.has_zone) {
        const int minutes = std::abs(moment.zone_minutes);
        out += fmt::format("{}{:02}:{:02}", moment.zone_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
    }
    return out;
}

std::string without_marks(std::string_view text) {
    std::string out(text);
    std::erase(out, '_');
    return out;
}

/// Splits at colons: `1:30` is 90.
std::vector<std::string_view> split_sixties(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(':', at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

Yaml decimal(std::string_view digits, bool negative) {
    if (digits.empty() || digits.find_first_not_of(kDigits) != std::string_view::npos)
        throw BadScalar{fmt::format("'{}' is not a whole number", base::printable(digits, 32))};
    if (digits.size() > kMaxDigits) throw BadScalar{fmt::format("a number of more than {} digits", kMaxDigits)};
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    const std::string text = (negative ? "-" : "") + std::string(digits);
    std::int64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc::result_out_of_range)
        return {Yaml::BigInteger{text}};
    return {value};
}

Yaml based(std::string_view digits, bool negative, int radix) {
    const std::string text = (negative ? "-" : "") + std::string(digits);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, radix);
    if (error == std::errc::result_out_of_range) throw BadScalar{"a number of more than 64 bits that is not decimal"};
    if (error != std::errc() || end != text.data() + text.size())
        throw BadScalar{fmt::format("'{}' is not a whole number to base {}", base::printable(digits, 32), radix)};
    return {value};
}

Yaml make_int(std::string_view text) {
    const std::string clean = without_marks(strip(text));
    std::string_view rest = clean;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest.starts_with("0b")) return based(rest.substr(2), negative, 2);
    if (rest.starts_with("0x")) return based(rest.substr(2), negative, 16);
    if (rest.size() > 1 && rest[0] == '0') return based(rest, negative, 8);
    if (rest.find(':') == std::string_view::npos) return decimal(rest, negative);
    std::int64_t sum = 0;
    for (const std::string_view part : split_sixties(rest)) {
        const std::optional<std::int64_t> digit = python_int(part);
        std::int64_t next = 0;
        if (!digit || __builtin_mul_overflow(sum, std::int64_t{60}, &next) ||
            __builtin_add_overflow(next, *digit, &sum))
            throw BadScalar{fmt::format("'{}' is not a whole number that fits 64 bits", base::printable(text, 32))};
    }
    return {negative ? -sum : sum};
}

Yaml make_float(std::string_view text) {
    const std::string clean = base::to_lower(without_marks(strip(text)));
    std::string_view rest = clean;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const double sign = negative ? -1.0 : 1.0;
    if (rest == ".inf") return {sign * std::numeric_limits<double>::infinity()};
    if (rest == ".nan") return {std::numeric_limits<double>::quiet_NaN()};
    double sum = 0;
    for (const std::string_view part : split_sixties(rest)) {
        const std::optional<double> digit = python_float(part);
        if (!digit) throw BadScalar{fmt::format("'{}' is not a number", base::printable(text, 32))};
        sum = sum * 60 + *digit;
    }
    return {sign * sum};
}

std::optional<bool> truth(std::string_view text, bool any_case) {
    const std::string lower = base::to_lower(text.substr(0, 6));
    const std::string capital =
        base::to_upper(lower.substr(0, 1)) + lower.substr(std::min<std::size_t>(lower.size(), 1));
    if (!any_case && text != lower && text != capital && text != base::to_upper(text)) return std::nullopt;
    for (const auto& [word, value] : std::initializer_list<std::pair<std::string_view, bool>>{
             {"yes", true}, {"no", false}, {"true", true}, {"false", false}, {"on", true}, {"off", false}}) {
        if (lower == word) return value;
    }
    return std::nullopt;
}

}  // namespace

std::string_view implicit_tag(std::string_view text) {
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return "null";
    if (text == "<<") return "merge";
    if (text == "=") return "value";
    if (truth(text, false)) return "bool";
    if (!is_digit(text[0]) && text[0] != '-' && text[0] != '+' && text[0] != '.') return "str";
    if (is_int(text)) return "int";
    if (is_float(text)) return "float";
    return is_digit(text[0]) && read_moment(text, true) ? "timestamp" : "str";
}

Yaml make_scalar(std::string_view tag, std::string_view text) {
    if (tag == "str") return {std::string(text)};
    if (tag == "null") return {};
    if (tag == "int") return make_int(text);
    if (tag == "float") return make_float(text);
    if (tag == "bool") {
        const std::optional<bool> value = truth(text, true);
        if (!value) throw BadScalar{fmt::format("'{}' is not a truth value", base::printable(text, 32))};
        return {*value};
    }
    const std::optional<Moment> moment = read_moment(text, false);
    if (!moment) throw BadScalar{fmt::format("'{}' is not a date", base::printable(text, 32))};
    return {Yaml::Time{moment_text(*moment)}};
}

}  // namespace yolovino::documents
