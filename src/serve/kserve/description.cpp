#include "serve/kserve/description.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

#include "base/text.hpp"
#include "serve/kserve/raw_model.hpp"

namespace yolovino::serve {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view kPlatform = "yolovino";

ordered_json tensor(const TensorInfo& info) {
    return {{"name", info.name}, {"datatype", name_of(info.datatype)}, {"shape", info.shape}};
}

/// `TYPE_FP32`, as configurations spell it.
std::string config_type(Datatype datatype) {
    return datatype == Datatype::Bytes ? "TYPE_STRING" : fmt::format("TYPE_{}", name_of(datatype));
}

ordered_json config_tensor(const TensorInfo& info) {
    return {{"name", info.name}, {"data_type", config_type(info.datatype)}, {"dims", info.shape}};
}

/// The reader that OpenVINO Model API takes for the outputs.
std::string model_type(const std::string& task) {
    if (task == "segment") return "YOLO-seg";
    if (task == "classify") return "Classification";
    if (task == "pose") return "yolo_v8_pose";
    return task == "obb" ? "yolo_v8_obb" : "YOLO";
}

/// Its labels are separated by spaces.
ordered_json model_info(const Generation& generation) {
    std::string labels;
    for (std::string name : generation.model.names()) {
        std::ranges::replace(name, ' ', '_');
        labels += (labels.empty() ? "" : " ") + name;
    }
    ordered_json info = {{"model_type", model_type(generation.model.task())},
                         {"labels", labels},
                         {"reverse_input_channels", "True"},
                         {"pad_value", "114"},
                         {"scale_values", "255.0"},
                         {"confidence_threshold", base::python_repr(generation.args.conf)},
                         {"iou_threshold", base::python_repr(generation.args.iou)}};
    if (generation.model.task() != "classify") info["resize_type"] = "fit_to_window_letterbox";
    return info;
}

std::string literal_of_names(const ClassNames& names) {
    std::vector<std::string> items;
    for (const std::string& name : names) items.push_back(fmt::format("{}: {}", items.size(), base::python_repr(name)));
    return fmt::format("{{{}}}", fmt::join(items, ", "));
}

}  // namespace

ordered_json describe_model(const ServedModel& model) {
    ordered_json outputs = ordered_json::array();
    for (const TensorInfo& each : model.outputs()) outputs.push_back(tensor(each));
    return {{"name", model.name()},
            {"versions", {kModelVersion}},
            {"platform", kPlatform},
            {"inputs", ordered_json::array({tensor(model.input())})},
            {"outputs", std::move(outputs)},
            {"parameters", answer_parameters(model.generation())},
            {"rt_info", {{"model_info", model_info(model.generation())}}}};
}

ordered_json configure_model(const ServedModel& model) {
    ordered_json outputs = ordered_json::array();
    for (const TensorInfo& each : model.outputs()) outputs.push_back(config_tensor(each));
    const Generation& generation = model.generation();
    return {{"name", model.name()},
            {"platform", kPlatform},
            {"backend", kPlatform},
            {"version_policy", {{"latest", {{"num_versions", 1}}}}},
            {"max_batch_size", 0},
            {"input", ordered_json::array({config_tensor(model.input())})},
            {"output", std::move(outputs)},
            {"instance_group", ordered_json::array()},
            {"default_model_filename", generation.model.info().path.filename().string()},
            {"parameters",
             {{"metadata", {{"string_value", metadata_literal(generation)}}},
              {"generation", {{"string_value", std::to_string(generation.number)}}},
              {"sha256", {{"string_value", generation.sha256}}}}}};
}

std::string metadata_literal(const Generation& generation) {
    const ModelInfo& info = generation.model.info();
    const ImageSize size = generation.args.imgsz.value_or(info.imgsz);
    std::vector<std::string> items;
    const auto add = [&](std::string_view key, const std::string& literal) {
        items.push_back(fmt::format("'{}': {}", key, literal));
    };
    const auto truth = [](bool value) { return std::string(value ? "True" : "False"); };
    add("description", base::python_repr(info.description));
    add("version", base::python_repr(info.version));
    add("license", base::python_repr(info.license));
    add("date", base::python_repr(info.date));
    add("stride", std::to_string(info.strides.empty() ? 32 : info.strides.back()));
    add("task", base::python_repr(info.task));
    add("batch", std::to_string(info.batch));
    add("imgsz", fmt::format("[{}, {}]", size.height, size.width));
    add("names", literal_of_names(info.names));
    add("channels", std::to_string(info.channels));
    add("end2end", truth(info.end2end));
    add("dynamic", truth(is_dynamic(generation)));
    if (info.kpt_shape.count > 0) add("kpt_shape", fmt::format("[{}, {}]", info.kpt_shape.count, info.kpt_shape.dims));
    return fmt::format("{{{}}}", fmt::join(items, ", "));
}

ordered_json answer_parameters(const Generation& generation) {
    return {{"generation", generation.number}, {"sha256", generation.sha256}};
}

}  // namespace yolovino::serve
