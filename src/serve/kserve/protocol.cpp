#include "serve/kserve/protocol.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <fmt/format.h>
#include <new>
#include <optional>

#include "yolovino/version.hpp"

#include "base/fail.hpp"
#include "documents/json.hpp"
#include "serve/error_response.hpp"
#include "serve/kserve/binary_tensors.hpp"
#include "serve/kserve/description.hpp"
#include "serve/kserve/infer_answer.hpp"
#include "serve/kserve/infer_request.hpp"
#include "serve/kserve/model_lookup.hpp"

namespace yolovino::serve {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// `/v2/models/a/infer` as its parts; a slash at the end is overlooked.
std::vector<std::string> parts_of(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = path.find('/');
        const std::string_view part = path.substr(0, end);
        if (end == std::string_view::npos && part.empty()) break;
        parts.emplace_back(part);
        path = end == std::string_view::npos ? std::string_view() : path.substr(end);
    }
    return parts;
}

Response json_answer(const ordered_json& body) {
    return {.status = 200,
            .content_type = "application/json",
            .body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

std::optional<std::string_view> header(const Request& request, std::string_view name) {
    const auto found = std::ranges::find(request.headers, name, [](const auto& pair) { return pair.first; });
    return found == request.headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

Response wrong_method(const Request& request, std::string_view allowed) {
    Response response = error_response(405, fmt::format("{} {}: wanted {}", base::printable(request.method, 20),
                                                        base::printable(request.path), allowed));
    response.headers.emplace_back("Allow", allowed);
    return response;
}

Response no_such_path(const Request& request) {
    return error_response(404, fmt::format("no resource '{}'", base::printable(request.path)));
}

bool is_get(const Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

double ms_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

std::string_view name_of(ModelState state) {
    switch (state) {
        case ModelState::Ready:
            return "READY";
        case ModelState::Loading:
            return "LOADING";
        case ModelState::Unavailable:
            break;
    }
    return "UNAVAILABLE";
}

/// The JSON object of a request that may have no body.
json object_of(const Request& request) {
    if (request.body.empty()) return json::object();
    json body;
    try {
        body = documents::parse_json(request.body, {"kserve", {}}, {.depth = 16, .values = 10'000});
    } catch (const Error& e) {
        throw Error(ErrorCode::InvalidArgument, "kserve", e.message());
    }
    if (!body.is_object()) throw Error(ErrorCode::InvalidArgument, "kserve", "the body is no JSON object");
    return body;
}

}  // namespace

Response Protocol::handle(const Request& request) {
    try {
        return route(request, parts_of(request.path));
    } catch (const Error& error) {
        return error_response(error);
    } catch (const std::bad_alloc&) {
        return error_response(503, "[kserve] out of memory");
    } catch (const std::exception& error) {
        return error_response(500, base::printable(error.what()));
    }
}

Response Protocol::route(const Request& request, const std::vector<std::string>& parts) {
    if (parts.size() == 1) return is_get(request) ? describe_server() : wrong_method(request, "GET");
    if (parts[1] == "models" && parts.size() == 3 && parts[2] == "stats") {
        std::vector<std::string> names;
        for (const auto& each : all_served_models(generations_)) names.push_back(each->name());
        return is_get(request) ? statistics_of(names) : wrong_method(request, "GET");
    }
    if (parts[1] == "models" && parts.size() >= 3) return model(request, parts);
    if (parts[1] != "repository" || parts.size() < 3) return no_such_path(request);
    if (parts[2] == "index" && parts.size() == 3)
        return request.method == "POST" ? index(request) : wrong_method(request, "POST");
    const bool controls = parts.size() == 5 && parts[2] == "models" && (parts[4] == "load" || parts[4] == "unload");
    if (!controls) return no_such_path(request);
    return request.method == "POST" ? control(request, parts[3], parts[4]) : wrong_method(request, "POST");
}

Response Protocol::describe_server() const {
    ordered_json extensions = {"binary_tensor_data", "model_configuration", "model_repository", "statistics"};
    if (model_control_) extensions.push_back("model_repository(unload_dependents)");
    return json_answer({{"name", "yolovino"}, {"version", version()}, {"extensions", std::move(extensions)}});
}

Response Protocol::model(const Request& request, const std::vector<std::string>& parts) {
    const std::string& name = parts[2];
    const std::unique_ptr<ServedModel> served = find_served_model(generations_, name);
    if (!served) return error_response(404, fmt::format("no model '{}' is served", base::printable(name, 80)));
    std::size_t next = 3;
    if (parts.size() > next && parts[next] == "versions") {
        if (parts.size() == next + 1) return no_such_path(request);
        if (parts[next + 1] != kModelVersion)
            return error_response(404, fmt::format("model '{}' has no version '{}', only {}", name,
                                                   base::printable(parts[next + 1], 40), kModelVersion));
        next += 2;
    }
    if (parts.size() > next + 1) return no_such_path(request);
    const std::string action = parts.size() > next ? parts[next] : "";
    if (action == "infer") return request.method == "POST" ? infer(request, *served) : wrong_method(request, "POST");
    if (!action.empty() && action != "ready" && action != "config" && action != "stats") return no_such_path(request);
    if (!is_get(request)) return wrong_method(request, "GET");
    if (action == "ready") return json_answer({{"name", name}, {"ready", true}});
    if (action == "config") return json_answer(configure_model(*served));
    if (action == "stats") return statistics_of({name});
    return json_answer(describe_model(*served));
}

Response Protocol::infer(const Request& request, const ServedModel& model) {
    const auto start = std::chrono::steady_clock::now();
    const double queue_ms = ms_between(request.received, start);
    const std::string name = model.name();
    try {
        const InferRequest parsed =
            parse_infer_request(request.body, header(request, kHeaderLength), model.raw_input());
        std::vector<std::string> outputs;
        for (const TensorInfo& each : model.outputs()) outputs.push_back(each.name);
        check_requested_outputs(parsed, outputs);
        const auto ready = std::chrono::steady_clock::now();
        Inference inference = model.run(parsed);
        const auto done = std::chrono::steady_clock::now();
        const Generation& generation = model.generation();
        Response response = write_infer_answer(
            parsed, {name, std::string(kModelVersion), answer_parameters(generation)}, inference.outputs);
        inference.input_ms += ms_between(start, ready);
        inference.output_ms += ms_between(done, std::chrono::steady_clock::now());
        statistics_.succeed(name, inference, queue_ms);
        count(generation, inference);
        response.headers.emplace_back("Yolovino-Model", generation.name);
        response.headers.emplace_back("Yolovino-Generation", std::to_string(generation.number));
        response.headers.emplace_back("Yolovino-Sha256", generation.sha256);
        return response;
    } catch (...) {
        statistics_.fail(name, ms_between(request.received, std::chrono::steady_clock::now()));
        throw;
    }
}

void Protocol::count(const Generation& generation, const Inference& inference) const {
    if (metrics_ == nullptr || inference.images == 0) return;
    constexpr double kMsPerS = 1000;
    const double each = kMsPerS * static_cast<double>(inference.images);
    const StageTimes times{.decode = inference.input_ms / each,
                           .inference = inference.infer_ms / each,
                           .postprocess = inference.output_ms / each};
    for (std::uint64_t i = 0; i < inference.images; ++i) metrics_->count_image(generation.name, times);
    for (const Results& results : inference.results) metrics_->count_detections(generation.name, results);
}

Response Protocol::statistics_of(const std::vector<std::string>& names) const {
    std::vector<RepositoryEntry> entries;
    if (repository_ != nullptr) entries = repository_->index();
    ordered_json all = ordered_json::array();
    for (const std::string& name : names) {
        ordered_json each = statistics_.describe(name, std::string(kModelVersion));
        if (const auto served = find_served_model(generations_, name)) {
            each["generation"] = served->generation().number;
            each["sha256"] = served->generation().sha256;
            const auto entry = std::ranges::find(entries, served->generation().name, &RepositoryEntry::name);
            if (entry != entries.end())
                each["reload"] = {
                    {"success", entry->reloads}, {"fail", entry->failed_reloads}, {"reason", entry->reason}};
        }
        all.push_back(std::move(each));
    }
    return json_answer({{"model_stats", std::move(all)}});
}

Response Protocol::index(const Request& request) const {
    const json body = object_of(request);
    const auto ready = body.find("ready");
    if (ready != body.end() && !ready->is_boolean())
        throw Error(ErrorCode::InvalidArgument, "kserve", "'ready' is neither true nor false");
    const bool ready_only = ready != body.end() && ready->get<bool>();
    ordered_json all = ordered_json::array();
    const auto add = [&](const std::string& name, ModelState state, const std::string& reason) {
        if (ready_only && state != ModelState::Ready) return;
        all.push_back({{"name", name}, {"version", kModelVersion}, {"state", name_of(state)}, {"reason", reason}});
    };
    std::vector<RepositoryEntry> entries;
    if (repository_ != nullptr) {
        entries = repository_->index();
    } else {
        for (const auto& each : generations_.all()) entries.push_back({each->name, {}, ModelState::Ready, {}});
    }
    for (const RepositoryEntry& each : entries) {
        add(each.name, each.state, each.reason);
        if (each.state == ModelState::Ready) add(each.name + std::string(kBoxesSuffix), each.state, each.reason);
    }
    return json_answer(all);
}

Response Protocol::control(const Request& request, const std::string& name, const std::string& action) {
    if (!model_control_ || repository_ == nullptr)
        return error_response(403, "clients may not load and unload models; start the server with model_control=True");
    const json body = object_of(request);
    const auto parameters = body.find("parameters");
    if (parameters != body.end() && parameters->is_object()) {
        for (const auto& [key, value] : parameters->items()) {
            if (key == "config" || key.starts_with("file:"))
                return error_response(501,
                                      fmt::format("the parameter '{}' is not supported: models are loaded from the "
                                                  "server's own files",
                                                  base::printable(key, 80)));
        }
    }
    if (action == "load") {
        repository_->load(name);
    } else {
        repository_->unload(name);
    }
    return json_answer(ordered_json::object());
}

}  // namespace yolovino::serve
