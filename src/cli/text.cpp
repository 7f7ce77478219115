#include "cli/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/fail.hpp"
#include "base/text.hpp"

namespace yolovino::cli {

namespace {

/// Characters in common: the longest common block, then the same to its left and to its right.
std::size_t matching(std::string_view a, std::string_view b) {
    std::size_t best = 0;
    std::size_t best_a = 0;
    std::size_t best_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < b.size(); ++j) {
            std::size_t length = 0;
            while (i + length < a.size() && j + length < b.size() && a[i + length] == b[j + length]) ++length;
            if (length > best) {
                best = length;
                best_a = i;
                best_b = j;
            }
        }
    }
    if (best == 0) return 0;
    return best + matching(a.substr(0, best_a), b.substr(0, best_b)) +
           matching(a.substr(best_a + best), b.substr(best_b + best));
}

}  // namespace

std::string_view trim(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> split_list(std::string_view text) {
    text = trim(text);
    if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t comma = text.find(',');
        words.push_back(trim(text.substr(0, comma)));
        if (comma == std::string_view::npos) return words;
        text.remove_prefix(comma + 1);
    }
}

std::string lower(std::string_view text) {
    return base::to_lower(text);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::string safe(std::string_view text) {
    return base::printable(text, std::string_view::npos);
}

std::string grouped(unsigned long long number) {
    std::string digits = std::to_string(number);
    for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
    return digits;
}

double similarity(std::string_view a, std::string_view b) {
    if (a.empty() && b.empty()) return 1.0;
    return 2.0 * static_cast<double>(matching(a, b)) / static_cast<double>(a.size() + b.size());
}

std::vector<std::string> close_matches(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t kLongestWord = 64;
    constexpr double kCutoff = 0.6;
    constexpr std::size_t kMost = 3;
    if (word.size() > kLongestWord) return {};
    std::vector<std::pair<double, std::string>> scored;
    for (const std::string& candidate : candidates) {
        const double ratio = similarity(candidate, word);
        if (ratio >= kCutoff) scored.emplace_back(ratio, candidate);
    }
    std::ranges::sort(scored, std::greater<>());
    std::vector<std::string> best;
    for (auto& [ratio, candidate] : scored) {
        if (best.size() < kMost && std::ranges::find(best, candidate) == best.end())
            best.push_back(std::move(candidate));
    }
    return best;
}

}  // namespace yolovino::cli
