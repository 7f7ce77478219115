#include "data/dataset.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <sstream>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "data/paths.hpp"
#include "documents/json.hpp"
#include "documents/yaml.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxSettingsBytes = 1U << 20U;
constexpr std::uint64_t kMaxListBytes = 256U << 20U;
constexpr std::size_t kMaxClasses = 100'000;
constexpr std::uint64_t kMaxPathBytes = 2ULL << 30U;  ///< of all pictures: short lines can stand in a deep folder

class Reader {
public:
    Reader(fs::path yaml, std::string split, std::size_t max_images)
        : yaml_(std::move(yaml)), split_(std::move(split)), max_images_(max_images) {}

    DatasetSplit read() {
        load();
        DatasetSplit out;
        out.yaml = yaml_;
        out.split = split_;
        out.names = names();
        const std::vector<std::string> entries = split_entries();
        const fs::path root = find_root(entries);
        std::set<fs::path> read;
        for (const std::string& entry : entries) {
            out.coco = out.coco || entry.ends_with("val2017.txt") || entry.ends_with("test-dev2017.txt");
            if (read.insert(place_of(root / entry)).second) add_images(root / entry, out.images);
        }
        std::ranges::sort(out.images);
        out.images.erase(std::unique(out.images.begin(), out.images.end()), out.images.end());
        if (out.images.empty()) {
            fail(ErrorCode::NotFound, fmt::format("'{}' holds no picture", split_),
                 fmt::format("looked in {}", base::printable((root / entries.front()).string())));
        }
        return out;
    }

private:
    [[noreturn]] void fail(ErrorCode code, const std::string& what, const std::string& hint = {}) const {
        throw Error(code, "data", what, {.file = yaml_.string()}, hint);
    }

    void load() {
        std::error_code ignored;
        if (!fs::exists(yaml_, ignored)) {
            fail(ErrorCode::NotFound, "the dataset does not exist",
                 "give a dataset YAML with the keys path, val, and names; datasets are not downloaded");
        }
        root_ = documents::parse_yaml(base::read_text_file(yaml_, documents::kMaxYamlBytes), {"data", yaml_.string()});
        if (!root_.IsMap()) fail(ErrorCode::CorruptFile, "the dataset is not a map of keys");
        if (split_ == "val" && !root_["val"] && root_["validation"]) split_ = "validation";
    }

    std::string text(const YAML::Node& node, std::string_view key) const {
        if (!node.IsScalar()) fail(ErrorCode::CorruptFile, fmt::format("'{}' is not a text", key));
        return node.Scalar();
    }

    int number(const YAML::Node& node, std::string_view key) const {
        int value = 0;
        if (!node.IsScalar() || !YAML::convert<int>::decode(node, value)) {
            fail(ErrorCode::CorruptFile, fmt::format("'{}' is not a whole number", key));
        }
        return value;
    }

    ClassNames names() const {
        const YAML::Node node = root_["names"];
        const YAML::Node count = root_["nc"];
        if (!node && !count) fail(ErrorCode::CorruptFile, "key 'names' is missing, and 'nc' is missing too");
        ClassNames out;
        if (!node) {
            const int nc = number(count, "nc");
            if (nc < 1 || static_cast<std::size_t>(nc) > kMaxClasses)
                fail(ErrorCode::CorruptFile, fmt::format("'nc' is {}, wanted 1 to {}", nc, kMaxClasses));
            for (int i = 0; i < nc; ++i) out.push_back(fmt::format("class_{}", i));
            return out;
        }
        if (node.IsSequence()) {
            for (const auto& name : node) out.push_back(text(name, "names"));
        } else if (node.IsMap()) {
            std::map<int, std::string> by_id;
            for (const auto& entry : node) {
                if (!by_id.emplace(number(entry.first, "names"), text(entry.second, "names")).second)
                    fail(ErrorCode::CorruptFile, "a class id stands twice in 'names'");
            }
            for (const auto& [id, name] : by_id) {
                if (id != static_cast<int>(out.size())) {
                    fail(ErrorCode::CorruptFile,
                         fmt::format("'names' has no class {} but class {}", out.size(), by_id.rbegin()->first),
                         "class ids must be 0, 1, 2, …");
                }
                out.push_back(name);
            }
        } else {
            fail(ErrorCode::CorruptFile, "'names' is neither a list nor a map");
        }
        if (out.empty() || out.size() > kMaxClasses)
            fail(ErrorCode::CorruptFile, fmt::format("'names' holds {} classes", out.size()));
        if (count && number(count, "nc") != static_cast<int>(out.size())) {
            fail(ErrorCode::CorruptFile, fmt::format("'names' holds {} classes and 'nc' is {}: they must agree",
                                                     out.size(), number(count, "nc")));
        }
        return out;
    }

    std::vector<std::string> split_entries() const {
        const YAML::Node node = root_[split_];
        if (!node || node.IsNull()) {
            std::string known;
            for (const char* key : {"train", "val", "test", "minival"}) {
                if (root_[key] && !root_[key].IsNull()) known += (known.empty() ? "" : ", ") + std::string(key);
            }
            fail(ErrorCode::InvalidArgument, fmt::format("key '{}' is missing", base::printable(split_)),
                 known.empty() ? "add 'val:' with a folder of pictures" : "the dataset has split=" + known);
        }
        std::vector<std::string> out;
        if (node.IsSequence()) {
            for (const auto& each : node) out.push_back(text(each, split_));
        } else {
            out.push_back(text(node, split_));
        }
        if (out.empty() || std::ranges::count(out, "") > 0)
            fail(ErrorCode::InvalidArgument, fmt::format("key '{}' is empty", split_));
        return out;
    }

    /// Where Ultralytics keeps datasets, from its settings; empty if it has none.
    static fs::path settings_folder() {
        const char* config = std::getenv("YOLO_CONFIG_DIR");
        const char* home = std::getenv("HOME");
        const fs::path folder =
            config != nullptr ? fs::path(config) : fs::path(home == nullptr ? "" : home) / ".config/Ultralytics";
        const fs::path file = folder / "settings.json";
        if (!base::is_file(file)) return {};
        try {
            const auto settings =
                documents::parse_json(base::read_text_file(file, kMaxSettingsBytes), {"data", file.string()});
            const auto named = settings.find("datasets_dir");
            return named != settings.end() && named->is_string() ? fs::path(named->get<std::string>()) : fs::path();
        } catch (const Error&) {
            return {};  // they are not ours: damaged ones name no folder
        }
    }

    fs::path find_root(const std::vector<std::string>& entries) const {
        const fs::path folder = fs::absolute(yaml_).parent_path();
        const fs::path path = root_["path"] && !root_["path"].IsNull() ? text(root_["path"], "path") : "";
        std::vector<fs::path> roots = {folder / path};
        if (!path.empty() && path.is_relative()) {
            roots.push_back(fs::absolute(path));
            if (const fs::path datasets = settings_folder(); !datasets.empty()) roots.push_back(datasets / path);
            roots.push_back(fs::absolute("datasets") / path);
            roots.push_back(fs::absolute("../datasets") / path);
        }
        std::string tried;
        for (const fs::path& root : roots) {
            std::error_code ignored;
            if (fs::exists(root / entries.front(), ignored)) return root;
            tried += (tried.empty() ? "" : ", ") + (root / entries.front()).lexically_normal().string();
        }
        std::string hint = "check the keys 'path' and '" + split_ + "'";
        if (root_["download"] && root_["download"].IsScalar()) {
            const std::string url = root_["download"].Scalar();
            hint = url.starts_with("http")
                       ? "download it yourself from " + base::printable(url) + " and unpack it there"
                       : "the YAML holds a download script, which is not run: run it yourself";
        }
        fail(ErrorCode::NotFound,
             fmt::format("the pictures of '{}' do not exist, looked for {}", split_, base::printable(tried, 1024)),
             hint);
    }

    /// The same for all names of a folder, and for all names of a list in one folder, whose lines start there: read
    /// again for each, they would multiply.
    static fs::path place_of(const fs::path& source) {
        std::error_code error;
        const fs::path real = fs::canonical(source, error);
        if (error || is_image(source)) return source;
        return fs::is_directory(real, error) ? real : fs::canonical(source.parent_path(), error) / real.relative_path();
    }

    void add_images(const fs::path& source, std::vector<std::string>& images) {
        std::error_code error;
        if (fs::is_directory(source, error)) {
            for (std::string& image : images_below(source)) add_image(std::move(image), images);
        } else if (fs::is_regular_file(source, error)) {
            if (is_image(source)) {
                add_image(fs::absolute(source).lexically_normal().string(), images);
            } else {
                add_list(source, images);
            }
        } else {
            fail(ErrorCode::NotFound, fmt::format("'{}' names {}, which does not exist", split_,
                                                  base::printable(source.lexically_normal().string())));
        }
    }

    void add_list(const fs::path& list, std::vector<std::string>& images) {
        std::istringstream lines(base::read_text_file(list, kMaxListBytes));
        const fs::path parent = fs::absolute(list).parent_path();
        for (std::string line; std::getline(lines, line);) {
            const std::size_t begin = line.find_first_not_of(" \t\r");
            if (begin == std::string::npos) continue;
            const fs::path path = line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
            if (!is_image(path)) continue;
            std::error_code ignored;
            const bool here = path.is_absolute() || (!line.starts_with("./") && fs::exists(path, ignored));
            add_image((here ? fs::absolute(path) : parent / path).lexically_normal().string(), images);
        }
    }

    void add_image(std::string path, std::vector<std::string>& images) {
        path_bytes_ += path.size();
        if (images.size() >= max_images_ || path_bytes_ > kMaxPathBytes) {
            fail(ErrorCode::LimitExceeded, fmt::format("'{}' names more than {} pictures or {} GiB of paths",
                                                       base::printable(split_), max_images_, kMaxPathBytes >> 30U));
        }
        images.push_back(std::move(path));
    }

    fs::path yaml_;
    std::string split_;
    YAML::Node root_;
    std::size_t max_images_;
    std::uint64_t path_bytes_ = 0;
};

}  // namespace

DatasetSplit read_dataset(const fs::path& yaml, const std::string& split, std::size_t max_images) {
    return base::translate(ErrorCode::CorruptFile, "data", "the dataset cannot be read",
                           [&] { return Reader(yaml, split, max_images).read(); });
}

}  // namespace yolovino::data
