#include "data/dataset.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "data/dataset_root.hpp"
#include "data/paths.hpp"
#include "documents/yaml.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxListBytes = 256U << 20U;
constexpr std::size_t kMaxClasses = 100'000;

class Reader {
public:
    Reader(fs::path yaml, std::string split, std::size_t max_images)
        : yaml_(std::move(yaml)), split_(std::move(split)), images_(split_, max_images) {}

    DatasetSplit read() {
        load();
        DatasetSplit out;
        out.yaml = yaml_;
        out.split = split_;
        out.names = names();
        const std::vector<std::string> entries = split_entries();
        const std::vector<fs::path> sources = find_sources(entries);
        for (std::size_t i = 0; i < sources.size(); ++i) {
            out.coco = out.coco || entries[i].ends_with("val2017.txt") || entries[i].ends_with("test-dev2017.txt");
            if (is_image(sources[i]) || images_.is_new(sources[i])) add_images(sources[i]);
        }
        out.images = images_.take();
        if (out.images.empty()) {
            fail(ErrorCode::NotFound, fmt::format("'{}' holds no picture", split_),
                 fmt::format("looked in {}", base::printable(sources.front().string())));
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

    std::vector<fs::path> find_sources(const std::vector<std::string>& entries) const {
        const fs::path path = root_["path"] && !root_["path"].IsNull() ? text(root_["path"], "path") : "";
        DatasetPlaces places = find_places(yaml_, path, entries);
        if (!places.sources.empty()) return std::move(places.sources);
        std::string hint = "check the keys 'path' and '" + split_ + "'";
        if (root_["download"] && root_["download"].IsScalar()) {
            const std::string url = root_["download"].Scalar();
            hint = url.starts_with("http")
                       ? "download it yourself from " + base::printable(url) + " and unpack it there"
                       : "the YAML holds a download script, which is not run: run it yourself";
        }
        fail(ErrorCode::NotFound,
             fmt::format("the pictures of '{}' do not exist, looked for {}", split_,
                         base::printable(places.tried, 1024)),
             hint);
    }

    void add_images(const fs::path& source) {
        std::error_code error;
        if (fs::is_directory(source, error)) {
            images_.add_folder(source);
        } else if (fs::is_regular_file(source, error)) {
            if (is_image(source)) {
                images_.add(fs::absolute(source).lexically_normal().string());
            } else {
                add_list(source);
            }
        } else {
            fail(ErrorCode::NotFound, fmt::format("'{}' names {}, which does not exist", split_,
                                                  base::printable(source.lexically_normal().string())));
        }
    }

    void add_list(const fs::path& list) {
        std::istringstream lines(base::read_text_file(list, kMaxListBytes));
        const fs::path parent = fs::absolute(list).parent_path();
        for (std::string line; std::getline(lines, line);) {
            const std::size_t begin = line.find_first_not_of(" \t\r");
            if (begin == std::string::npos) continue;
            const fs::path path = line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
            if (!is_image(path)) continue;
            std::error_code ignored;
            const bool here = path.is_absolute() || (!line.starts_with("./") && fs::exists(path, ignored));
            images_.add((here ? fs::absolute(path) : parent / path).lexically_normal().string());
        }
    }

    fs::path yaml_;
    std::string split_;
    YAML::Node root_;
    ImageCollection images_;
};

}  // namespace

DatasetSplit read_dataset(const fs::path& yaml, const std::string& split, std::size_t max_images) {
    return base::translate(ErrorCode::CorruptFile, "data", "the dataset cannot be read",
                           [&] { return Reader(yaml, split, max_images).read(); });
}

}  // namespace yolovino::data
