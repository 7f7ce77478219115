#include "cli/parity_page.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "cli/options.hpp"
#include "cli/unsupported.hpp"

namespace yolovino::cli {

namespace {

constexpr std::string_view kBegin = "<!-- arguments -->\n";
constexpr std::string_view kEnd = "<!-- end of arguments -->\n";

/// The modes that Ultralytics has, too.
std::vector<ModeInfo> shared_modes() {
    std::vector<ModeInfo> shared;
    std::ranges::copy_if(modes(), std::back_inserter(shared), [](const ModeInfo& each) {
        return each.mode != Mode::Info && each.mode != Mode::Agree && each.mode != Mode::Serve;
    });
    return shared;
}

std::string_view state_of(const std::string& key, Mode mode) {
    if (key == "cfg") return "works";  // read before the options
    const Option* option = find_option(key);
    if (option == nullptr && !is_unsupported(key)) return "unknown";
    if (option != nullptr && option->binding(mode) != nullptr) return "works";
    if (would_matter(key, mode)) return "refused";
    return option != nullptr ? "" : "ignored";
}

}  // namespace

std::string arguments_table(std::span<const std::string> keys) {
    std::string head = "| argument |";
    std::string rule = "|---|";
    for (const ModeInfo& mode : shared_modes()) {
        head += fmt::format(" {} |", mode.name);
        rule += "---|";
    }
    std::string table = head + " why it has no effect |\n" + rule + "---|\n";
    for (const std::string& key : keys) {
        table += fmt::format("| `{}` |", key);
        for (const ModeInfo& mode : shared_modes()) table += fmt::format(" {} |", state_of(key, mode.mode));
        table += fmt::format(" {} |\n", reason_of(key));
    }
    return table;
}

std::string with_arguments_table(std::string_view page, std::span<const std::string> keys) {
    const std::size_t begin = page.find(kBegin);
    const std::size_t end = page.find(kEnd);
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
    return fmt::format("{}\n{}\n{}", page.substr(0, begin + kBegin.size()), arguments_table(keys), page.substr(end));
}

}  // namespace yolovino::cli
