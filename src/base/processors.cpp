#include "base/processors.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sched.h>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino::base {

namespace fs = std::filesystem;

namespace {

/// A mounted hierarchy of control groups that can limit the CPU.
struct Hierarchy {
    bool unified = false;  ///< version 2
    std::string root;      ///< the group that is mounted
    fs::path mounted_at;
};

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(std::move(word));
    return words;
}

bool has_item(std::string_view list, std::string_view item) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (list.substr(0, comma) == item) return true;
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

/// The kernel writes blanks in paths as three octal digits.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        int code = 0;
        const bool escape = text[i] == '\\' && i + 3 < text.size() &&
                            std::from_chars(text.data() + i + 1, text.data() + i + 4, code, 8).ec == std::errc();
        out += escape ? static_cast<char>(code) : text[i];
        if (escape) i += 3;
    }
    return out;
}

/// From `36 35 0:30 /group /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu`, proc(5).
std::vector<Hierarchy> hierarchies(const fs::path& root) {
    std::vector<Hierarchy> out;
    std::ifstream file(root / "proc/self/mountinfo");
    for (std::string line; std::getline(file, line);) {
        const std::vector<std::string> words = words_of(line);
        const auto dash = std::ranges::find(words, "-");
        if (words.size() < 5 || words.end() - dash < 4) continue;
        const bool unified = dash[1] == "cgroup2";
        if (!unified && (dash[1] != "cgroup" || !has_item(dash[3], "cpu"))) continue;
        out.push_back({unified, unescaped(words[3]), unescaped(words[4])});
    }
    return out;
}

/// The group of this process in a hierarchy, from `0::/group` or `4:cpu,cpuacct:/group`; empty if it has none.
std::string group_of(const fs::path& root, bool unified) {
    std::ifstream file(root / "proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string_view controllers = std::string_view(line).substr(first + 1, second - first - 1);
        if (unified ? line.starts_with("0::") : has_item(controllers, "cpu")) return line.substr(second + 1);
    }
    return {};
}

std::optional<double> number_in(const std::string& word) {
    double number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() ? std::optional(number) : std::nullopt;
}

std::string first_word(const fs::path& file) {
    std::ifstream stream(file);
    std::string word;
    stream >> word;
    return word;
}

/// Microseconds in each period: `50000 100000` in one file or in two; `max` or -1 is no limit.
std::optional<double> quota_of(const fs::path& folder, bool unified) {
    std::optional<double> quota;
    std::optional<double> period;
    if (unified) {
        std::ifstream stream(folder / "cpu.max");
        std::string words[2];
        stream >> words[0] >> words[1];
        quota = number_in(words[0]);
        period = number_in(words[1]);
    } else {
        quota = number_in(first_word(folder / "cpu.cfs_quota_us"));
        period = number_in(first_word(folder / "cpu.cfs_period_us"));
    }
    if (!quota || !period || *quota <= 0 || *period <= 0) return {};
    return *quota / *period;
}

/// The group below the mount. In a container the path may name groups outside, of which only the mounted one is seen.
fs::path below_mount(const std::string& group, const std::string& mounted) {
    const fs::path path = fs::path(group).lexically_normal();
    const fs::path relative = path.lexically_relative(mounted);
    if (relative.empty() || relative == "." || *relative.begin() == "..") return {};
    return relative;
}

std::size_t processors_of_affinity() {
    // Not hardware_concurrency(): that may count the machine's cores, not those that `taskset` or a container left.
    cpu_set_t set;
    CPU_ZERO(&set);
    return ::sched_getaffinity(0, sizeof(set), &set) == 0 ? static_cast<std::size_t>(std::max(1, CPU_COUNT(&set))) : 1;
}

}  // namespace

std::optional<double> cpu_quota(const fs::path& root) {
    std::optional<double> smallest;
    for (const Hierarchy& hierarchy : hierarchies(root)) {
        const std::string group = group_of(root, hierarchy.unified);
        if (group.empty()) continue;
        const fs::path top = root / hierarchy.mounted_at.relative_path();
        fs::path inner = below_mount(group, hierarchy.root);
        while (true) {
            const std::optional<double> quota = quota_of(top / inner, hierarchy.unified);
            if (quota && (!smallest || *quota < *smallest)) smallest = quota;
            if (inner.empty()) break;
            inner = inner.parent_path();
        }
    }
    return smallest;
}

std::optional<std::size_t> quota_threads() {
    const std::optional<double> quota = cpu_quota();
    if (!quota || *quota >= static_cast<double>(processors_of_affinity())) return {};
    return std::max<std::size_t>(1, static_cast<std::size_t>(*quota));
}

std::size_t processor_count() {
    return quota_threads().value_or(processors_of_affinity());
}

}  // namespace yolovino::base
