#include "engine/validate/shard_identity.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <span>
#include <string_view>
#include <vector>

#include "yolovino/spellings.hpp"
#include "yolovino/version.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"
#include "engine/model/runtimes.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

/// Of the file that the model was read from, and of what belongs to it: the weights beside an `.xml`, all of a folder.
/// Of a model of a server only the address is known.
std::string model_digest(const LoadedModel& model) {
    const fs::path& path = model.info.path;
    if (model.format == ModelFormat::Remote) return base::sha256(path.native());
    std::vector<fs::path> files;
    if (fs::is_directory(path)) {
        for (const auto& entry : fs::recursive_directory_iterator(path)) {
            if (entry.is_regular_file()) files.push_back(entry.path());
        }
        std::ranges::sort(files);
    } else {
        files.push_back(path);
        const fs::path weights = fs::path(path).replace_extension(".bin");
        if (path.extension() == ".xml" && base::is_file(weights)) files.push_back(weights);
    }
    base::Sha256 hash;
    for (const fs::path& file : files) hash.add_field(base::sha256(base::RandomAccessFile(file)));
    return hash.hexadecimal();
}

template <typename T>
void add_number(base::Sha256& hash, T number) {
    hash.add(std::as_bytes(std::span(&number, 1)));
}

template <typename T>
void add_numbers(base::Sha256& hash, const std::vector<T>& numbers) {
    add_number(hash, numbers.size());
    hash.add(std::as_bytes(std::span(numbers)));
}

void add_label(base::Sha256& hash, const data::Label& label) {
    add_number(hash, label.cls);
    for (const float number : {label.cx, label.cy, label.width, label.height}) add_number(hash, number);
    add_number(hash, label.crowd);
    if (label.exact) {
        const data::PixelBox& box = *label.exact;
        for (const double number : {box.left, box.top, box.width, box.height, box.area_px2}) add_number(hash, number);
    }
    if (!label.shape) return;
    add_numbers(hash, label.shape->points);
    for (const std::vector<double>& polygon : label.shape->polygons) add_numbers(hash, polygon);
    add_numbers(hash, label.shape->runs);
    add_numbers(hash, label.shape->keypoints);
}

/// Of names, sizes, and labels, in their order: the folder may be another one on each machine.
std::string data_digest(const ValPlan& plan) {
    base::Sha256 hash;
    for (const data::Sample& sample : plan.scan.samples) {
        std::error_code unreadable;
        hash.add_field(fs::path(sample.path).filename().string());
        add_number(hash, static_cast<std::uint64_t>(fs::file_size(sample.path, unreadable)));
        add_number(hash, sample.size.height);
        add_number(hash, sample.size.width);
        add_number(hash, sample.image_id);
        for (const data::Label& label : sample.labels) add_label(hash, label);
    }
    return hash.hexadecimal();
}

}  // namespace

Json shard_identity(const LoadedModel& model, const ValPlan& plan, const ClassNames& names, const ValArgs& args) {
    const RuntimeRow& runtime = row_of(model.runtime(args.runtime.kind).runtime);
    return {{"version", std::string(version())},
            {"runtime", fmt::format("{} {}", runtime.title, runtime.version())},
            {"model", model.info.path.filename().string()},
            {"model_sha256", model_digest(model)},
            {"data", plan.split.yaml.filename().string()},
            {"data_sha256", data_digest(plan)},
            {"split", plan.split.split},
            {"images", plan.split.images.size()},
            {"corrupt", plan.scan.corrupt},
            {"shards", plan.shards},
            {"names", names},
            {"imgsz", {plan.imgsz.height, plan.imgsz.width}},
            {"batch", plan.network_batch},
            {"rect", args.rect},
            {"conf", args.conf ? Json(*args.conf) : Json()},
            {"iou", args.iou},
            {"nms", args.nms ? Json(*args.nms) : Json()},
            {"max_det", args.max_det},
            {"classes", args.classes ? Json(*args.classes) : Json()},
            {"augment", args.augment},
            {"single_cls", args.single_cls},
            {"agnostic_nms", args.agnostic_nms},
            {"overlap_mask", args.overlap_mask},
            {"whole_masks", args.save_json || args.save_txt},
            {"protocol", args.protocol},
            {"annotations", args.annotations.filename().string()},
            {"device", args.runtime.device},
            {"precision", name_of(args.runtime.precision)},
            {"half", args.runtime.half}};
}

std::vector<std::pair<std::string, std::string>> identity_facts(const Json& run) {
    constexpr std::string_view kDigest = "_sha256";
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto& [name, value] : run.items()) {
        // Hashes of hashes, which sha256sum does not give.
        const bool is_digest = name.ends_with(kDigest);
        const std::string key = is_digest ? name.substr(0, name.size() - kDigest.size()) + " digest" : name;
        const bool empty = value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
        if (empty || key == "names") continue;
        facts.emplace_back(key, value.is_string() ? value.get<std::string>()
                                                  : value.dump(-1, ' ', false, Json::error_handler_t::replace));
    }
    return facts;
}

std::string identity_difference(const Json& one, const Json& other) {
    constexpr std::size_t kMaxBytes = 64;
    std::vector<std::string> differences;
    for (const auto& [key, value] : one.items()) {
        const Json beside = other.value(key, Json());
        if (beside == value) continue;
        const auto text = [](const Json& json) {
            return base::printable(json.dump(-1, ' ', false, Json::error_handler_t::replace), kMaxBytes);
        };
        differences.push_back(fmt::format("{}: {} and {}", key, text(value), text(beside)));
    }
    if (differences.empty() && one != other) differences.emplace_back("the files are of different versions");
    return fmt::format("{}", fmt::join(differences, "; "));
}

}  // namespace yolovino::engine
