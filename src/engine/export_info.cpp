#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/model_info.hpp"

namespace yolovino::engine {

namespace {

constexpr std::uint64_t kMaxMetadataBytes = 16U << 20U;
constexpr int kUnnamedClasses = 999;  // what Ultralytics assumes without metadata
constexpr std::size_t kMaxClasses = 65536;

ClassNames read_names(const YAML::Node& names) {
    ClassNames out;
    if (names.size() > kMaxClasses)
        throw YAML::Exception(YAML::Mark::null_mark(), fmt::format("{} class names", names.size()));
    if (names.IsSequence()) {
        for (const auto& name : names) out.push_back(name.as<std::string>());
        return out;
    }
    out.resize(names.size());
    for (const auto& item : names) {
        const auto id = item.first.as<std::size_t>();
        if (id >= out.size())
            throw YAML::Exception(item.first.Mark(), fmt::format("class id {} of {}", id, out.size()));
        out[id] = item.second.as<std::string>();
    }
    return out;
}

std::string read_text(const YAML::Node& root, const char* key) {
    return root[key] && root[key].IsScalar() ? root[key].as<std::string>() : std::string();
}

void read_metadata(const YAML::Node& root, ModelInfo& info) {
    if (!root.IsMap()) throw YAML::Exception(YAML::Mark::null_mark(), "the top is not a mapping");
    info.description = read_text(root, "description");
    info.version = read_text(root, "version");
    info.license = read_text(root, "license");
    info.date = read_text(root, "date");
    if (root["task"]) info.task = read_text(root, "task");
    if (root["head"]) info.head = read_text(root, "head");
    info.source_sha256 = read_text(root, "source_sha256");
    if (root["stride"]) info.strides = {root["stride"].as<int>()};
    if (root["batch"]) info.batch = root["batch"].as<int>();
    if (root["names"]) info.names = read_names(root["names"]);
    if (const YAML::Node imgsz = root["imgsz"]; imgsz && imgsz.IsSequence() && imgsz.size() == 2) {
        info.imgsz = {imgsz[0].as<int>(), imgsz[1].as<int>()};
    }
    if (const YAML::Node args = root["args"]; args && args.IsMap()) {
        if (args["dynamic"]) info.dynamic = args["dynamic"].as<bool>();
        info.half = read_text(args, "quantize") == "16" || read_text(args, "half") == "true";
    }
}

}  // namespace

ModelInfo describe_export(const std::filesystem::path& xml) {
    ModelInfo info;
    info.path = xml;
    info.format = "openvino";
    info.name = xml.stem().string();
    info.strides = {32};
    const std::filesystem::path file = xml.parent_path() / "metadata.yaml";
    if (!std::filesystem::exists(file)) {
        base::warn("no metadata.yaml beside {}: classes are named class0, class1, …", base::printable(xml.string()));
        for (int i = 0; i < kUnnamedClasses; ++i) info.names.push_back(fmt::format("class{}", i));
        return info;
    }
    const std::string text = base::read_text_file(file, kMaxMetadataBytes);
    try {
        read_metadata(YAML::Load(text), info);
    } catch (const YAML::Exception& e) {
        throw Error(ErrorCode::CorruptFile, "metadata", e.what(), {.file = file.string()});
    }
    if (info.task != "detect") {
        throw Error(ErrorCode::UnsupportedModel, "metadata",
                    fmt::format("the task is '{}', wanted 'detect'", info.task), {.file = file.string()});
    }
    const bool sane = info.strides.front() >= 1 && info.strides.front() <= 4096 && info.batch >= 1;
    if (!sane) {
        throw Error(ErrorCode::CorruptFile, "metadata",
                    fmt::format("stride {} and batch {}, wanted positive numbers", info.strides.front(), info.batch),
                    {.file = file.string()});
    }
    return info;
}

}  // namespace yolovino::engine
