#include "cli/text.hpp"

#include <algorithm>
#include <utility>

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
