#include "options/device_list.hpp"

#include <algorithm>
#include <array>

#include "options/text.hpp"

namespace yolovino::options {

namespace {

/// Whether a name takes others behind it: `HETERO:GPU`.
bool is_combination(std::string_view name) {
    constexpr std::array<std::string_view, 4> kPrefixes = {"auto:", "multi:", "hetero:", "batch:"};
    const std::string word = lower(name);
    return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return word.starts_with(prefix); });
}

std::string_view unquoted(std::string_view name) {
    const bool quoted = name.size() >= 2 && (name.front() == '\'' || name.front() == '"');
    return quoted && name.back() == name.front() ? name.substr(1, name.size() - 2) : name;
}

/// The pieces between the commas outside of quotes.
std::vector<std::string_view> split_outside_quotes(std::string_view text) {
    std::vector<std::string_view> pieces;
    char quote = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        const char c = i < text.size() ? text[i] : ',';
        if (i < text.size() && quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == ',') {
            pieces.push_back(trim(text.substr(start, i - start)));
            start = i + 1;
        }
    }
    return pieces;
}

}  // namespace

std::vector<std::string> split_devices(std::string_view text) {
    text = unquoted(trim(text));
    if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    std::vector<std::string> devices;
    while (true) {
        const std::size_t end = std::min(text.find(';'), text.size());
        bool takes_more = false;
        for (const std::string_view piece : split_outside_quotes(text.substr(0, end))) {
            const std::string_view name = trim(unquoted(piece));
            if (name.empty()) return {};
            if (takes_more && name == piece && !is_combination(name)) {
                devices.back().append(",").append(name);
                continue;
            }
            devices.emplace_back(name);
            takes_more = name == piece && is_combination(name);
        }
        if (end == text.size()) return devices;
        text.remove_prefix(end + 1);
    }
}

}  // namespace yolovino::options
