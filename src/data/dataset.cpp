#include "data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "data/dataset_root.hpp"
#include "data/paths.hpp"
#include "documents/list.hpp"
#include "documents/text.hpp"
#include "documents/yaml.hpp"

namespace yolovino::data {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxListBytes = 256U << 20U;
constexpr std::size_t kMaxClasses = 100'000;
constexpr std::int64_t kMaxKeypoints = 10'000;

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
        out.keypoints = keypoint_shape();
        out.oks_sigmas = oks_sigmas(out.keypoints);
        const std::vector<std::string> entries = split_entries();
        const std::vector<fs::path> sources = find_sources(entries);
        for (std::size_t i = 0; i < sources.size(); ++i) {
            out.coco = out.coco || entries[i].ends_with("val2017.txt") || entries[i].ends_with("test-dev2017.txt");
            if (is_image(sources[i]) || images_.is_new(sources[i])) add_images(sources[i]);
        }
        out.images = images_.take();
        if (out.images.empty()) {
            fail(ErrorCode::NotFound, fmt::format("'{}' holds no image", split_),
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
        std::vector<std::string> warnings;
        root_ = documents::parse_yaml(base::read_text_file(yaml_, documents::kMaxYamlBytes), {"data", yaml_.string()},
                                      warnings);
        for (const std::string& line : warnings) base::warn("{}", line);
        if (root_.get<documents::Yaml::Map>() == nullptr) {
            fail(ErrorCode::CorruptFile,
                 fmt::format("the file holds {}, wanted a map of keys: path, val, names", root_.described()));
        }
        if (split_ == "val" && root_.find("val") == nullptr && root_.find("validation") != nullptr)
            split_ = "validation";
    }

    /// The value of a key; null if it is absent or null.
    const documents::Yaml* value(std::string_view key) const {
        const documents::Yaml* node = root_.find(key);
        return node == nullptr || node->is_null() ? nullptr : node;
    }

    [[noreturn]] void fail_at(const documents::Yaml& node, std::string_view key, std::string_view wanted) const {
        fail(ErrorCode::CorruptFile, fmt::format("line {}: '{}' is {}, wanted {}", node.line, base::printable(key, 64),
                                                 node.described(), wanted));
    }

    std::string text(const documents::Yaml& node, std::string_view key) const {
        const auto* text = node.get<std::string>();
        if (text == nullptr) fail_at(node, key, "a text (in quotes, if it looks like a number)");
        return *text;
    }

    std::optional<std::size_t> class_count() const {
        const documents::Yaml* node = root_.find("nc");
        if (node == nullptr) return std::nullopt;
        documents::Yaml number = *node;
        if (const auto* text = node->get<std::string>()) {
            if (const std::optional<double> parsed = documents::python_float(*text)) number.data = *parsed;
        }
        const std::optional<std::int64_t> count = number.as_int();
        if (!count) fail_at(*node, "nc", "a whole number");
        if (*count < 1 || static_cast<std::uint64_t>(*count) > kMaxClasses)
            fail(ErrorCode::CorruptFile,
                 fmt::format("line {}: 'nc' is {}, wanted 1 to {}", node->line, *count, kMaxClasses));
        return static_cast<std::size_t>(*count);
    }

    /// The id of a class, as Python's int() makes it of a key.
    std::int64_t class_id(const documents::Yaml& key) const {
        const auto* real = key.get<double>();
        const std::optional<std::int64_t> id = real != nullptr && std::abs(*real) < 0x1p53
                                                   ? std::optional(static_cast<std::int64_t>(std::trunc(*real)))
                                                   : key.as_int();
        if (!id) fail_at(key, "names", "class ids 0, 1, 2, … as keys");
        return *id;
    }

    ClassNames names_by_id(const documents::Yaml::Map& map) const {
        std::map<std::int64_t, std::string> by_id;
        for (const documents::YamlEntry& entry : map)
            by_id.insert_or_assign(class_id(entry.key), entry.value.python_text());
        ClassNames out;
        for (auto& [id, name] : by_id) {
            if (id != static_cast<std::int64_t>(out.size())) {
                fail(ErrorCode::CorruptFile,
                     fmt::format("'names' has no class {} but class {}", out.size(), by_id.rbegin()->first),
                     "class ids must be 0, 1, 2, …");
            }
            out.push_back(std::move(name));
        }
        return out;
    }

    ClassNames names() const {
        const documents::Yaml* node = value("names");
        const std::optional<std::size_t> count = class_count();
        ClassNames out;
        if (node == nullptr) {
            if (!count) fail(ErrorCode::CorruptFile, "key 'names' is missing, and 'nc' is missing too");
            for (std::size_t i = 0; i < *count; ++i) out.push_back(fmt::format("class_{}", i));
            return out;
        }
        if (const auto* list = node->get<documents::Yaml::List>()) {
            for (const documents::Yaml& name : *list) out.push_back(name.python_text());
        } else if (const auto* map = node->get<documents::Yaml::Map>()) {
            out = names_by_id(*map);
        } else {
            fail_at(*node, "names", "a list or a map: it is neither a list nor a map");
        }
        if (out.empty() || out.size() > kMaxClasses) {
            fail(ErrorCode::CorruptFile,
                 fmt::format("line {}: 'names' holds {} classes, wanted 1 to {}", node->line, out.size(), kMaxClasses));
        }
        if (count && *count != out.size()) {
            fail(ErrorCode::CorruptFile,
                 fmt::format("line {}: 'names' holds {} classes and 'nc' is {}: they must agree", node->line,
                             out.size(), *count));
        }
        return out;
    }

    KeypointShape keypoint_shape() const {
        const documents::Yaml* node = value("kpt_shape");
        if (node == nullptr) return {};
        constexpr std::string_view kWanted = "[keypoints, numbers of each]: numbers are 2 (x, y) or 3 (x, y, visible)";
        const auto* list = node->get<documents::Yaml::List>();
        if (list == nullptr || list->size() != 2) fail_at(*node, "kpt_shape", kWanted);
        const std::optional<std::int64_t> count = list->front().as_int();
        const std::optional<std::int64_t> dims = list->back().as_int();
        if (!count || !dims || *count < 1 || *count > kMaxKeypoints || *dims < 2 || *dims > 3)
            fail_at(*node, "kpt_shape", kWanted);
        return {static_cast<int>(*count), static_cast<int>(*dims)};
    }

    std::vector<float> oks_sigmas(const KeypointShape& shape) const {
        const documents::Yaml* node = value("kpt_oks_sigmas");
        if (node == nullptr) return {};
        std::vector<float> out;
        const std::string wanted = fmt::format("a list of {} positive numbers, one for each keypoint", shape.count);
        const auto* list = node->get<documents::Yaml::List>();
        if (list == nullptr || std::cmp_not_equal(list->size(), shape.count)) fail_at(*node, "kpt_oks_sigmas", wanted);
        for (const documents::Yaml& each : *list) {
            const auto* real = each.get<double>();
            const std::optional<std::int64_t> whole = each.as_int();
            const auto sigma = static_cast<float>(real != nullptr ? *real : static_cast<double>(whole.value_or(0)));
            if (!(sigma > 0) || !std::isfinite(sigma)) fail_at(each, "kpt_oks_sigmas", wanted);
            out.push_back(sigma);
        }
        return out;
    }

    std::vector<std::string> split_entries() const {
        const documents::Yaml* node = value(split_);
        if (node == nullptr) {
            std::string known;
            for (const char* key : {"train", "val", "test", "minival"}) {
                if (value(key) != nullptr) known += (known.empty() ? "" : ", ") + std::string(key);
            }
            fail(ErrorCode::InvalidArgument, fmt::format("key '{}' is missing", base::printable(split_)),
                 known.empty() ? "add 'val:' with a folder of images" : "the dataset has split=" + known);
        }
        std::vector<std::string> out;
        if (const auto* list = node->get<documents::Yaml::List>()) {
            for (const documents::Yaml& each : *list) out.push_back(text(each, split_));
        } else {
            out.push_back(text(*node, split_));
        }
        if (out.empty() || std::ranges::count(out, "") > 0)
            fail(ErrorCode::InvalidArgument, fmt::format("line {}: key '{}' is empty", node->line, split_));
        return out;
    }

    std::vector<fs::path> find_sources(const std::vector<std::string>& entries) const {
        const documents::Yaml* named = value("path");
        const fs::path path = named == nullptr ? "" : text(*named, "path");
        DatasetPlaces places = find_places(yaml_, path, entries);
        if (!places.sources.empty()) return std::move(places.sources);
        std::string hint = "check the keys 'path' and '" + split_ + "'";
        if (const documents::Yaml* download = value("download"); download != nullptr) {
            const std::string url = download->python_text();
            hint = url.starts_with("http")
                       ? "download it yourself from " + base::printable(url) + " and unpack it there"
                       : "the YAML holds a download script, which is not run: run it yourself";
        }
        fail(ErrorCode::NotFound,
             fmt::format("the images of '{}' do not exist, looked for {}", split_, base::printable(places.tried, 1024)),
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
        const fs::path parent = fs::absolute(list).parent_path();
        for (const documents::ListEntry& entry :
             documents::read_list(base::read_text_file(list, kMaxListBytes), {"data", list.string()})) {
            const fs::path path = entry.text;
            if (!is_image(path)) continue;
            std::error_code ignored;
            const bool here = path.is_absolute() || (!entry.text.starts_with("./") && fs::exists(path, ignored));
            images_.add((here ? fs::absolute(path) : parent / path).lexically_normal().string());
        }
    }

    fs::path yaml_;
    std::string split_;
    documents::Yaml root_;
    ImageCollection images_;
};

}  // namespace

DatasetSplit read_dataset(const fs::path& yaml, const std::string& split, std::size_t max_images) {
    return base::translate(ErrorCode::CorruptFile, "data", "the dataset cannot be read",
                           [&] { return Reader(yaml, split, max_images).read(); });
}

}  // namespace yolovino::data
