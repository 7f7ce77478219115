#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "yolovino/val.hpp"

#include "base/api_call.hpp"
#include "tasks/box_metric.hpp"

namespace yolovino {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const std::vector<ValClass>& classes) {
    Json rows = Json::array();
    for (const ValClass& each : classes) {
        rows.push_back({{"class", each.cls},
                        {"name", each.name},
                        {"images", each.images},
                        {"instances", each.instances},
                        {"p", each.p},
                        {"r", each.r},
                        {"f1", each.f1},
                        {"ap50", each.ap50},
                        {"ap", each.ap}});
    }
    return rows;
}

template <typename Numbers>
Json means_of(const Numbers& numbers) {
    return {{"mp", numbers.mp},       {"mr", numbers.mr},   {"map50", numbers.map50},
            {"map75", numbers.map75}, {"map", numbers.map}, {"best_conf", numbers.best_conf}};
}

Json json_of(const ValPart& part) {
    Json json = means_of(part);
    json["classes"] = json_of(part.classes);
    return json;
}

}  // namespace

std::string ValResults::to_json() const {
    return base::api_call("val", [&] {
        Json json = {{"results_dict", Json::object()}};
        for (const auto& [key, value] : results_dict) json["results_dict"][key] = value;
        json["fitness"] = fitness;
        json["images"] = images;
        json["instances"] = instances;
        json["corrupt"] = corrupt;
        json["box"] = means_of(*this);
        json["classes"] = json_of(classes);
        json["coco"] = tasks::coco_json(coco);
        if (seg) json["seg"] = json_of(*seg);
        if (coco_masks) json["coco_masks"] = tasks::coco_json(*coco_masks);
        if (pose) json["pose"] = json_of(*pose);
        if (coco_keypoints) json["coco_keypoints"] = tasks::coco_json(*coco_keypoints);
        if (top1) json["top1"] = *top1;
        if (top5) json["top5"] = *top5;
        json["speed"] = {
            {"preprocess", speed.preprocess}, {"inference", speed.inference}, {"postprocess", speed.postprocess}};
        json["confusion_matrix"] = confusion_matrix;
        json["save_dir"] = save_dir.string();
        json["shard_file"] = shard_file.string();
        return json.dump(-1, ' ', false, Json::error_handler_t::replace);
    });
}

}  // namespace yolovino
