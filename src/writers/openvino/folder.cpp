#include "writers/openvino/folder.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <openvino/core/graph_util.hpp>
#include <openvino/core/model.hpp>
#include <openvino/core/node.hpp>
#include <string_view>
#include <utility>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "openvino/lowering.hpp"
#include "openvino/translate.hpp"

namespace yolovino::writers::openvino {

namespace {

/// The reader that OpenVINO Model API or, where it has none, DL Streamer takes for the outputs.
std::string model_type(std::string_view task) {
    static constexpr std::pair<std::string_view, const char*> kTypes[] = {
        {"segment", "YOLO-seg"}, {"classify", "Classification"}, {"pose", "yolo_v8_pose"}, {"obb", "yolo_v8_obb"}};
    const auto* const found = std::ranges::find(kTypes, task, &std::pair<std::string_view, const char*>::first);
    return found == std::end(kTypes) ? "YOLO" : found->second;
}

/// `rt_info/model_info` as OpenVINO Model API and DL Streamer read it; values as Ultralytics writes them.
void set_model_info(ov::Model& model, const Metadata& metadata) {
    const auto set = [&](const char* key, const ov::Any& value) { model.set_rt_info(value, "model_info", key); };
    std::vector<std::string> labels;
    for (std::string name : metadata.names) {
        // The list is separated by spaces in the file.
        std::replace(name.begin(), name.end(), ' ', '_');
        labels.push_back(std::move(name));
    }
    set("model_type", model_type(metadata.task));
    set("reverse_input_channels", true);
    set("pad_value", 114);
    set("scale_values", std::vector<float>{255.0F});
    set("iou_threshold", metadata.iou);
    set("labels", labels);
    if (metadata.task != "classify") set("resize_type", std::string("fit_to_window_letterbox"));
    set("exporter", "yolovino " + metadata.version);
    set("source_sha256", metadata.source_sha256);
}

std::string xml_escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// IR layer and port by tensor name. IR ports count inputs first, then outputs.
using Places = std::map<std::string, std::pair<std::string, std::size_t>>;

Places places_of(const ov::Model& model) {
    Places places;
    for (const auto& node : model.get_ordered_ops()) {
        for (const auto& output : node->outputs()) {
            for (const std::string& name : output.get_names()) {
                places[name] = {node->get_friendly_name(), node->get_input_size() + output.get_index()};
            }
        }
    }
    return places;
}

/// The Model Optimizer's mapping: original tensor name → IR layer and port.
std::string mapping_xml(const Places& places, const std::vector<std::string>& names) {
    std::string xml = "<?xml version=\"1.0\"?>\n<mapping>\n";
    for (const std::string& name : names) {
        const auto place = places.find(name);
        if (place == places.end()) continue;
        xml += fmt::format(
            "\t<map>\n\t\t<framework name=\"{0}\" output_port_id=\"{0}\" />\n"
            "\t\t<IR name=\"{1}\" output_port_id=\"{2}\" />\n\t</map>\n",
            xml_escaped(name), xml_escaped(place->second.first), place->second.second);
    }
    return xml + "</mapping>\n";
}

std::vector<std::string> tensor_names(const std::vector<graph::Node>& nodes) {
    std::vector<std::string> names;
    for (const graph::Node& node : nodes) {
        names.push_back(node.name);
        for (std::size_t port = 0; node.outputs.size() > 1 && port < node.outputs.size(); ++port)
            names.push_back(fmt::format("{}.{}", node.name, port));
    }
    return names;
}

/// OpenVINO's streams do not report why a write failed; the space that is left does.
std::string why_not_written(const std::filesystem::path& folder, const std::exception& e) {
    constexpr std::uintmax_t kNothingBytes = std::uintmax_t{64} << 10U;
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    if (!error && space.available < kNothingBytes) return "no space left on the device";
    const std::string_view message = e.what();
    return message.find("iostream error") != message.npos ? "the operating system refused it"
                                                          : yolovino::openvino::reason_in(message);
}

void save(const std::shared_ptr<ov::Model>& model, const std::filesystem::path& folder, const std::string& stem,
          bool half) {
    try {
        ov::save_model(model, folder / (stem + ".xml"), half);
    } catch (const std::exception& e) {
        throw Error(ErrorCode::IoFailure, "openvino", "cannot write the model: " + why_not_written(folder, e),
                    {.file = (folder.parent_path() / stem).string() + "_openvino_model"},
                    "make room, or write to another folder");
    }
}

}  // namespace

void write_folder(const graph::Graph& graph, const Metadata& metadata, const std::filesystem::path& folder,
                  const std::string& stem) {
    write_folder(yolovino::openvino::lower(graph), &graph, metadata, folder, stem);
}

void write_folder(const std::shared_ptr<ov::Model>& model, const graph::Graph* graph, const Metadata& metadata,
                  const std::filesystem::path& folder, const std::string& stem) {
    set_model_info(*model, metadata);
    base::emit_progress("Writing", 0, 0);
    save(model, folder, stem, metadata.half);
    if (graph != nullptr)
        base::write_text_file(folder / (stem + ".mapping"),
                              mapping_xml(places_of(*model), tensor_names(graph->nodes())));
    base::write_text_file(folder / "metadata.yaml", to_yaml(metadata));
}

void write_mapping(const ov::Model& model, const std::filesystem::path& folder, const std::string& stem) {
    const Places places = places_of(model);
    std::vector<std::string> names;
    for (const auto& [name, place] : places) names.push_back(name);
    base::write_text_file(folder / (stem + ".mapping"), mapping_xml(places, names));
}

}  // namespace yolovino::writers::openvino
