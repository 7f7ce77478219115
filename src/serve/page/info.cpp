#include "serve/page/info.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "yolovino/spellings.hpp"

namespace yolovino::serve {

namespace {

using Json = nlohmann::ordered_json;

/// What was asked for; of an 8-bit file, that is what it is.
std::string precision_of(const Generation& generation) {
    const RuntimeOptions& runtime = generation.args.runtime;
    if (generation.model.info().int8) return "int8";
    return std::string(
        name_of(runtime.half && runtime.precision == Precision::Auto ? Precision::F16 : runtime.precision));
}

Json json_of(const Generation& generation) {
    const ModelInfo& model = generation.model.info();
    const ImageSize size = generation.args.imgsz.value_or(model.imgsz);
    const std::string& device = generation.args.runtime.device;
    return {{"name", generation.name},
            {"task", model.task},
            {"names", model.names},
            {"imgsz", {size.height, size.width}},
            {"format", model.format},
            {"precision", precision_of(generation)},
            {"device", device.empty() ? "auto" : device},
            {"conf", generation.args.conf},
            {"iou", generation.args.iou},
            {"sha256", generation.sha256},
            {"generation", generation.number}};
}

}  // namespace

Response info(const Generations& generations) {
    Json models = Json::array();
    for (const auto& generation : generations.all()) models.push_back(json_of(*generation));
    return {.status = 200,
            .content_type = "application/json",
            .headers = {{"Cache-Control", "no-store"}},
            .body = models.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

}  // namespace yolovino::serve
