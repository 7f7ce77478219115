#include "quantize/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/fail.hpp"
#include "documents/json.hpp"

namespace yolovino::quantize {

namespace {

using Json = nlohmann::ordered_json;  // for writing: it looks for a key from the first to the last
using Parsed = nlohmann::json;

Json json_of(const QuantizedActivation& each) {
    return {{"name", each.name},
            {"group", each.group},
            {"scale", each.scale},
            {"zero_point", each.zero_point},
            {"range", {each.low, each.high}},
            {"seen", {each.seen_low, each.seen_high}},
            {"clipped", each.clipped},
            {"noise", each.noise}};
}

Json json_of(const QuantizedConvolution& each) {
    return {{"name", each.name},
            {"node", each.node},
            {"channels", each.channels},
            {"scale", {each.scale_low, each.scale_high}},
            {"zero_point", 0},
            {"clipped", 0},
            {"noise", each.noise},
            {"output_noise", each.output_noise},
            {"damage_without", each.damage_without ? Json(*each.damage_without) : Json()}};
}

/// What ObjectDamage has of some tasks only, by the keys of the report.
using OptionalFigure = std::pair<const char*, std::optional<double> ObjectDamage::*>;
constexpr OptionalFigure kObjectFigures[] = {{"mask_iou", &ObjectDamage::mask_iou},
                                             {"keypoint_px", &ObjectDamage::keypoint_px},
                                             {"angle_deg", &ObjectDamage::angle_deg},
                                             {"probability", &ObjectDamage::probability}};

Json json_of(const ObjectDamage& objects) {
    Json out = {{"images", objects.images},
                {"matched", objects.matched},
                {"only_float", objects.only_float},
                {"only_int8", objects.only_int8}};
    for (const auto& [key, member] : kObjectFigures) {
        if (objects.*member) out[key] = *(objects.*member);
    }
    return out;
}

Json json_of(const QuantizationDamage& damage) {
    const bool known = damage.anchors > 0;
    Json out = {{"images", damage.images},
                {"anchors", damage.anchors},
                {"box_px", known ? Json(damage.box_px) : Json()},
                {"score", known ? Json(damage.score) : Json()}};
    if (damage.objects) out["objects"] = json_of(*damage.objects);
    return out;
}

QuantizedActivation activation_of(const Parsed& json) {
    QuantizedActivation out;
    json.at("name").get_to(out.name);
    json.at("group").get_to(out.group);
    json.at("scale").get_to(out.scale);
    json.at("zero_point").get_to(out.zero_point);
    json.at("range").at(0).get_to(out.low);
    json.at("range").at(1).get_to(out.high);
    json.at("seen").at(0).get_to(out.seen_low);
    json.at("seen").at(1).get_to(out.seen_high);
    json.at("clipped").get_to(out.clipped);
    json.at("noise").get_to(out.noise);
    return out;
}

QuantizedConvolution convolution_of(const Parsed& json) {
    QuantizedConvolution out;
    json.at("name").get_to(out.name);
    json.at("node").get_to(out.node);
    json.at("channels").get_to(out.channels);
    json.at("scale").at(0).get_to(out.scale_low);
    json.at("scale").at(1).get_to(out.scale_high);
    json.at("noise").get_to(out.noise);
    out.output_noise = json.value("output_noise", 0.0);  // older files lack it
    if (!json.at("damage_without").is_null()) out.damage_without = json.at("damage_without").get<double>();
    return out;
}

ObjectDamage objects_of(const Parsed& json) {
    ObjectDamage out;
    json.at("images").get_to(out.images);
    json.at("matched").get_to(out.matched);
    json.at("only_float").get_to(out.only_float);
    json.at("only_int8").get_to(out.only_int8);
    for (const auto& [key, member] : kObjectFigures) {
        if (const auto found = json.find(key); found != json.end() && !found->is_null())
            out.*member = found->get<double>();
    }
    return out;
}

QuantizationDamage damage_of(const Parsed& json) {
    QuantizationDamage out;
    json.at("images").get_to(out.images);
    json.at("anchors").get_to(out.anchors);
    if (out.anchors > 0) {
        json.at("box_px").get_to(out.box_px);
        json.at("score").get_to(out.score);
    }
    if (json.contains("objects"))
        out.objects = objects_of(json.at("objects"));  // of some tasks, and not in older files
    return out;
}

QuantizationInfo info_of(const Parsed& json) {
    QuantizationInfo out;
    json.at("tool").get_to(out.tool);
    json.at("openvino").get_to(out.engine);
    json.at("method").get_to(out.method);
    json.at("data").get_to(out.data);
    json.at("split").get_to(out.split);
    json.at("imgsz").at(0).get_to(out.imgsz.height);
    json.at("imgsz").at(1).get_to(out.imgsz.width);
    out.damage = damage_of(json.at("damage"));
    json.at("float_layers").get_to(out.float_layers);
    for (const Parsed& each : json.at("convolutions")) out.convolutions.push_back(convolution_of(each));
    for (const Parsed& each : json.at("activations")) out.activations.push_back(activation_of(each));
    json.at("unreadable").get_to(out.unreadable);
    json.at("images_sha256").get_to(out.images_sha256);
    for (const Parsed& each : json.at("images"))
        out.images.push_back({each.at("path").get<std::string>(), each.at("sha256").get<std::string>()});
    return out;
}

}  // namespace

std::string to_json(const QuantizationInfo& info) {
    Json out;
    out["tool"] = info.tool;
    out["openvino"] = info.engine;
    out["method"] = info.method;
    out["data"] = info.data;
    out["split"] = info.split;
    out["imgsz"] = {info.imgsz.height, info.imgsz.width};
    out["damage"] = json_of(info.damage);
    out["float_layers"] = info.float_layers;
    out["convolutions"] = Json::array();
    for (const QuantizedConvolution& each : info.convolutions) out["convolutions"].push_back(json_of(each));
    out["activations"] = Json::array();
    for (const QuantizedActivation& each : info.activations) out["activations"].push_back(json_of(each));
    out["unreadable"] = info.unreadable;
    out["images_sha256"] = info.images_sha256;
    out["images"] = Json::array();
    for (const CalibrationImage& each : info.images)
        out["images"].push_back({{"path", each.path}, {"sha256", each.sha256}});
    constexpr int kIndent = 1;
    return out.dump(kIndent, ' ', true, Json::error_handler_t::replace) + "\n";
}

QuantizationInfo parse_json(const std::string& text, const std::string& file) {
    try {
        return info_of(documents::parse_json(text, {"quantize", file}));
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        throw Error(ErrorCode::CorruptFile, "quantize",
                    fmt::format("this is not what export writes: {}", base::printable(e.what())), {.file = file});
    }
}

}  // namespace yolovino::quantize
