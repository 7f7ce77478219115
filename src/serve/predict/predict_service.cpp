#include "serve/predict/predict_service.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>

#include "yolovino/error.hpp"

#include "options/text.hpp"
#include "serve/error_response.hpp"
#include "serve/http/head.hpp"
#include "serve/predict/answer.hpp"
#include "serve/predict/multipart.hpp"
#include "serve/predict/request_options.hpp"

namespace yolovino::serve {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostPredictors = 8;  // each has about 5 MB for each worker
constexpr double kMsPerS = 1000;
const std::string kUnnamed = "image0.jpg";  // as Ultralytics names images from memory

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The value of a pair, which is removed; empty if there is none.
std::string take(std::vector<std::pair<std::string, std::string>>& pairs, std::string_view name) {
    std::string value;
    for (const auto& [key, text] : pairs) {
        if (key == name) value = text;
    }
    std::erase_if(pairs, [&](const auto& each) { return each.first == name; });
    return value;
}

/// The same for the same options.
std::string key_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::string key;
    for (const auto& [name, value] : pairs) key += fmt::format("{}={}\n", name, value);
    return key;
}

/// Of a file, or a field that clients call so.
bool is_image(const Part& part) {
    return part.filename || part.content_type.starts_with("image/") || part.name == "file" || part.name == "image";
}

void name_model(Response& response, const Generation& generation) {
    response.headers.emplace_back("Yolovino-Model", generation.name);
    response.headers.emplace_back("Yolovino-Generation", std::to_string(generation.number));
    response.headers.emplace_back("Yolovino-Sha256", generation.sha256);
}

}  // namespace

struct PredictService::Images {
    std::vector<std::pair<std::string, std::string_view>> files;  ///< names and bytes, which belong to the request
    Pairs options;                                                ///< of the query, then of the form
    bool one = true;                                              ///< sent alone, so that it is answered alone
};

struct PredictService::Found {
    std::vector<Results> results;
    StageTimes times;
};

PredictService::PredictService(const Generations& generations, Metrics& metrics)
    : generations_(generations), metrics_(metrics), cache_(kMostPredictors) {}

PredictService::Images PredictService::images_of(const Request& request) {
    Images images{.files = {}, .options = request.query};
    const std::string_view type = header_of(request.headers, "content-type");
    if (const std::optional<std::string> boundary = boundary_of(type)) {
        for (Part& part : parse_multipart(request.body, *boundary)) {
            if (is_image(part)) {
                const bool is_named = part.filename && !part.filename->empty();
                const std::string number = fmt::format("image{}.jpg", images.files.size());
                images.files.emplace_back(is_named ? *part.filename : number, part.body);
            } else {
                images.options.emplace_back(part.name, part.body);
            }
        }
        images.one = images.files.size() == 1;
    } else if (!request.body.empty()) {
        images.files.emplace_back(kUnnamed, request.body);
    }
    if (images.files.empty()) {
        throw Error(ErrorCode::InvalidArgument, "serve", "the request has no image", {},
                    "send its bytes as the body, or in a field 'file' of a form");
    }
    return images;
}

std::shared_ptr<const Generation> PredictService::generation_of(const std::string& name) const {
    std::shared_ptr<const Generation> generation = generations_.find(name);
    if (generation != nullptr) return generation;
    std::vector<std::string> names;
    for (const auto& each : generations_.all()) names.push_back(each->name);
    throw Error(ErrorCode::NotFound, "serve",
                fmt::format("there is no model '{}'; there are: {}", options::safe(name), options::join(names, ", ")));
}

Results PredictService::run_one(const Generation& generation, const Predictor& predictor, std::string_view encoded,
                                const std::string& path, StageTimes& sum) {
    const auto start = Clock::now();
    Results results = predictor(std::as_bytes(std::span(encoded)));
    const double all = seconds_since(start);
    results.path = path;
    StageTimes times{.decode = 0,
                     .inference = results.speed.inference / kMsPerS,
                     .postprocess = results.speed.postprocess / kMsPerS};
    times.decode = std::max(0.0, all - times.inference - times.postprocess);
    metrics_.count_image(generation.name, times);
    metrics_.count_detections(generation.name, results);
    sum.decode += times.decode;
    sum.inference += times.inference;
    sum.postprocess += times.postprocess;
    return results;
}

PredictService::Found PredictService::run(const std::shared_ptr<const Generation>& generation, const Images& images,
                                          const PredictArgs& args, const std::string& key) {
    const Predictor predictor = key.empty() ? generation->predictor : cache_.get(generation, key, args);
    Found found;
    for (const auto& [name, bytes] : images.files) {
        try {
            found.results.push_back(run_one(*generation, predictor, bytes, name, found.times));
        } catch (const Error& error) {
            // Of several images one that fails says so in its place, as the command does with error_results.
            if (images.one) throw;
            Results failed;
            failed.path = name;
            failed.error = error.what();
            found.results.push_back(std::move(failed));
        }
    }
    return found;
}

Response PredictService::predict(const Request& request) {
    const double queue_s = seconds_since(request.received);
    const std::optional<AnswerForm> form = form_of(header_of(request.headers, "accept"));
    if (!form) return error_response(406, "Accept takes none of application/json, image/jpeg, and text/csv");
    Images images = images_of(request);
    const auto generation = generation_of(take(images.options, "model"));
    const PredictArgs args = apply_request_options(images.options, generation->args);
    const Found found = run(generation, images, args, key_of(images.options));
    const auto start = Clock::now();
    Response response;
    if (*form == AnswerForm::Jpeg) {
        if (!images.one) return error_response(406, "several images are not answered by image/jpeg; send one");
        response.content_type = "image/jpeg";
        response.body = jpeg_answer(found.results.front(), args);
    } else if (*form == AnswerForm::Csv) {
        response.content_type = "text/csv; charset=utf-8; header=present";
        response.body = csv_answer(found.results);
    } else {
        response.content_type = "application/json";
        response.body = json_answer(found.results, images.one);
    }
    name_model(response, *generation);
    response.headers.emplace_back(
        "Server-Timing", fmt::format("queue;dur={:.2f}, decode;dur={:.2f}, infer;dur={:.2f}, post;dur={:.2f}",
                                     queue_s * kMsPerS, found.times.decode * kMsPerS, found.times.inference * kMsPerS,
                                     (found.times.postprocess + seconds_since(start)) * kMsPerS));
    response.headers.emplace_back("Vary", "Accept");
    return response;
}

Response PredictService::detect_as_deepstack(const Request& request) {
    using Json = nlohmann::ordered_json;
    Json answer;
    Response response{.status = 200, .content_type = "application/json"};
    try {
        Images images = images_of(request);
        const std::string confidence = take(images.options, "min_confidence");
        const auto generation = generation_of(take(images.options, "model"));
        images.options.clear();  // `api_key` and what other clients add
        if (!confidence.empty()) images.options.emplace_back("conf", confidence);
        images.files.resize(1);
        images.one = true;
        const PredictArgs args = apply_request_options(images.options, generation->args);
        const Found found = run(generation, images, args, key_of(images.options));
        answer = {{"success", true}, {"predictions", Json::array()}};
        const Results& results = found.results.front();
        std::vector<Box> boxes = results.boxes;
        if (results.obb) {
            for (const RotatedBox& each : *results.obb) {
                boxes.push_back(each.xyxy());
                boxes.back().conf = each.conf;
                boxes.back().cls = each.cls;
            }
        }
        for (const Box& box : boxes) {
            const auto cls = static_cast<std::size_t>(box.cls);
            answer["predictions"].push_back(
                {{"confidence", box.conf},
                 {"label",
                  results.names && cls < results.names->size() ? (*results.names)[cls] : std::to_string(box.cls)},
                 {"y_min", static_cast<int>(box.y1)},
                 {"x_min", static_cast<int>(box.x1)},
                 {"y_max", static_cast<int>(box.y2)},
                 {"x_max", static_cast<int>(box.x2)}});
        }
        name_model(response, *generation);
    } catch (const std::exception& error) {
        response.status = error_response(error).status;
        answer = {{"success", false}, {"error", error.what()}};
    }
    response.body = answer.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    return response;
}

}  // namespace yolovino::serve
