#include "data/dataset_root.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "documents/json.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxSettingsBytes = 1U << 20U;
constexpr std::size_t kMaxToldBytes = 1024;

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

std::string shown(const fs::path& path) {
    return base::printable(path.lexically_normal().string(), kMaxToldBytes);
}

/// Ultralytics' settings, which are read for one key.
struct Settings {
    fs::path file;
    fs::path datasets;
};

std::vector<fs::path> settings_files() {
    constexpr const char* kName = "settings.json";
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return fs::path(value == nullptr ? "" : value);
    };
    if (const fs::path config = variable("YOLO_CONFIG_DIR"); !config.empty())
        return {config / "Ultralytics" / kName, config / kName};  // the second up to 8.3
    if (const fs::path config = variable("XDG_CONFIG_HOME"); !config.empty()) return {config / "Ultralytics" / kName};
    return {variable("HOME") / ".config/Ultralytics" / kName};
}

std::optional<Settings> read_settings() {
    for (const fs::path& file : settings_files()) {
        if (!base::is_file(file)) continue;
        try {
            const auto root =
                documents::parse_json(base::read_text_file(file, kMaxSettingsBytes), {"data", file.string()});
            const auto named = root.find("datasets_dir");
            if (named != root.end() && named->is_string() && !named->get<std::string>().empty())
                return Settings{file, named->get<std::string>()};
        } catch (const Error&) {
            // They are not ours: damaged ones name no folder.
        }
        return std::nullopt;
    }
    return std::nullopt;
}

/// A folder that may contain the entries, and why.
struct Root {
    fs::path folder;
    std::string reason;
    bool from_settings = false;
};

std::vector<Root> roots_of(const fs::path& yaml, const fs::path& path) {
    const fs::path beside = fs::absolute(yaml).parent_path();
    if (path.empty() || path.is_absolute()) return {{beside / path, "beside the YAML"}};
    std::vector<Root> roots = {{fs::absolute(path), "in the current folder"}};
    if (const auto settings = read_settings()) {
        roots.push_back({fs::absolute(settings->datasets) / path,
                         fmt::format("in the datasets_dir of {}", shown(settings->file)), true});
    }
    roots.push_back({beside / path, "beside the YAML"});
    roots.push_back({fs::absolute("datasets") / path, "in ./datasets"});
    roots.push_back({fs::absolute("../datasets") / path, "in ../datasets"});
    return roots;
}

/// An entry below a root, with and without the `../` that Roboflow writes.
struct Found {
    fs::path source;
    fs::path other;  ///< would have been taken if `source` were not there
};

std::optional<Found> find(const fs::path& root, const std::string& entry) {
    constexpr std::string_view kUp = "../";
    const fs::path literal = root / entry;
    const fs::path meant = entry.starts_with(kUp) ? root / entry.substr(kUp.size()) : fs::path();
    const bool has_meant = !meant.empty() && meant != root / "" && is_there(meant);
    if (is_there(literal)) return Found{literal, has_meant ? meant : fs::path()};
    if (has_meant) return Found{meant, {}};
    return std::nullopt;
}

std::vector<Found> find_all(const fs::path& root, const std::vector<std::string>& entries) {
    std::vector<Found> found;
    for (const std::string& entry : entries) {
        std::optional<Found> each = find(root, entry);
        if (!each) return {};
        found.push_back(std::move(*each));
    }
    return found;
}

/// Links are resolved, as Ultralytics does: labels and the lines of a list are looked for where the real one lies.
fs::path real(const fs::path& path) {
    std::error_code error;
    const fs::path out = fs::canonical(path, error);
    return error ? path : out;
}

bool same(const fs::path& a, const fs::path& b) {
    std::error_code ignored;
    return fs::equivalent(a, b, ignored);
}

void warn_ambiguous(const fs::path& path, const Root& taken, const std::vector<Root>& others) {
    if (others.empty() && !taken.from_settings) return;
    std::string rest;
    for (const Root& other : others)
        rest += fmt::format("{} {} ({})", rest.empty() ? ", not as" : ",", shown(other.folder), other.reason);
    base::warn("path '{}' is taken as {} ({}){}", shown(path), shown(taken.folder), taken.reason, rest);
}

}  // namespace

DatasetPlaces find_places(const fs::path& yaml, const fs::path& path, const std::vector<std::string>& entries) {
    DatasetPlaces out;
    const std::vector<Root> roots = roots_of(yaml, path);
    std::vector<Found> found;
    const Root* taken = nullptr;
    std::vector<Root> others;
    for (const Root& root : roots) {
        out.tried += (out.tried.empty() ? "" : ", ") + (root.folder / entries.front()).lexically_normal().string();
        std::vector<Found> here = find_all(root.folder, entries);
        if (here.empty()) continue;
        if (taken == nullptr) {
            taken = &root;
            found = std::move(here);
        } else if (!same(here.front().source, found.front().source) &&
                   std::ranges::none_of(others, [&](const Root& o) { return same(o.folder, root.folder); })) {
            others.push_back(root);
        }
    }
    if (taken == nullptr) {
        // The first entry is there and another is not: the caller names that one.
        for (const Root& root : roots) {
            if (!find(root.folder, entries.front())) continue;
            for (const std::string& entry : entries) {
                const std::optional<Found> each = find(root.folder, entry);
                out.sources.push_back(each ? real(each->source) : root.folder / entry);
            }
            return out;
        }
        return out;
    }
    warn_ambiguous(path, *taken, others);
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!found[i].other.empty() && !same(found[i].source, found[i].other)) {
            base::warn("'{}' is taken as {}, not as {}", base::printable(entries[i]), shown(found[i].source),
                       shown(found[i].other));
        }
        out.sources.push_back(real(found[i].source));
    }
    return out;
}

}  // namespace yolovino::data
