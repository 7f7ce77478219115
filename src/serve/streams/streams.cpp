#include "serve/streams/streams.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "yolovino/error.hpp"

#include "options/text.hpp"
#include "serve/error_response.hpp"
#include "serve/predict/answer.hpp"

namespace yolovino::serve {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFolder = "/streams/";
constexpr std::string_view kImages = ".mjpg";
constexpr std::string_view kEvents = "/events";
/// How long a watcher waits for a frame before it looks whether its client is still there.
constexpr std::chrono::milliseconds kPatience{250};
constexpr std::chrono::seconds kKeepAlive{15};

/// Makes sure that nobody stops predictions that are gone.
class StopGuard {
public:
    StopGuard(const std::function<void(std::function<void()>)>& ask_to_stop, Predictions& predictions)
        : ask_to_stop_(ask_to_stop) {
        ask_to_stop_([&predictions] { predictions.stop(); });
    }
    StopGuard(const StopGuard&) = delete;
    StopGuard& operator=(const StopGuard&) = delete;
    ~StopGuard() { ask_to_stop_(nullptr); }

private:
    const std::function<void(std::function<void()>)>& ask_to_stop_;
};

/// What clients learn of where a frame is from: neither folders nor addresses, which may hold a password.
std::string shown_path(const std::string& path, const std::string& name) {
    const bool is_address = path.find("://") != std::string::npos;
    const std::string file = is_address ? std::string() : std::filesystem::path(path).filename().string();
    return file.empty() ? name : file;
}

/// Predicts with the current generation of the first model, and begins anew with the next generation.
void predict(const NamedStream& stream, const Generations& generations,
             const std::function<void(std::function<void()>)>& ask_to_stop,
             const std::function<bool(const Results&)>& take) {
    while (true) {
        const auto generation = generations.find("");
        if (generation == nullptr) throw Error(ErrorCode::NotFound, "serve", "there is no model");
        Predictions predictions = generation->predictor.stream(stream.source);
        const StopGuard guard(ask_to_stop, predictions);
        bool is_current = true;
        for (Results& results : predictions) {
            results.path = shown_path(results.path, stream.name);
            if (!take(results)) return;
            is_current = generations.find("") == generation;
            if (!is_current) break;
        }
        if (is_current) return;
    }
}

std::optional<std::string> next_image(Feed::Watcher& watcher) {
    Frame frame;
    std::string why;
    switch (watcher.next(kPatience, frame, why)) {
        case Feed::Watcher::State::Frame:
            return fmt::format("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n{}\r\n",
                               frame.jpeg->size(), *frame.jpeg);
        case Feed::Watcher::State::Waiting:
            return "";
        case Feed::Watcher::State::Ended:
            break;
    }
    return std::nullopt;
}

/// What `/events` sends, one event for each frame.
class Events {
public:
    explicit Events(Feed& feed) : watcher_(feed, false) {}

    std::optional<std::string> next() {
        if (ended_) return std::nullopt;
        Frame frame;
        std::string why;
        const Feed::Watcher::State state = watcher_.next(kPatience, frame, why);
        if (state == Feed::Watcher::State::Waiting) {
            if (Clock::now() - sent_ < kKeepAlive) return "";
            sent_ = Clock::now();
            return ": still here\n\n";
        }
        sent_ = Clock::now();
        if (state == Feed::Watcher::State::Frame) return fmt::format("id: {}\ndata: {}\n\n", frame.number, frame.json);
        ended_ = true;
        const Json end = why.empty() ? Json::object() : Json{{"error", why}};
        return fmt::format("event: end\ndata: {}\n\n", end.dump(-1, ' ', false, Json::error_handler_t::replace));
    }

private:
    Feed::Watcher watcher_;
    Clock::time_point sent_ = Clock::now();
    bool ended_ = false;
};

}  // namespace

Streams::Streams(const std::vector<NamedStream>& streams, const Generations& generations,
                 const std::function<void(std::string_view)>& warn) {
    for (const NamedStream& each : streams) {
        const auto source = [each, &generations, warn](const auto& ask_to_stop, const auto& take) {
            try {
                predict(each, generations, ask_to_stop, take);
            } catch (const std::exception& error) {
                warn(fmt::format("stream {}: {}", each.name, options::safe(error.what())));
                throw Error(ErrorCode::RuntimeFailure, "serve", "the source failed; the server's log says why");
            }
        };
        const auto jpeg = [&generations](const Results& results) {
            const auto generation = generations.find("");
            return jpeg_answer(results, generation == nullptr ? PredictArgs{} : generation->args);
        };
        feeds_.emplace(each.name, std::make_unique<Feed>(source, jpeg));
    }
}

Response Streams::list() const {
    Json names = Json::array();
    for (const auto& [name, feed] : feeds_)
        names.push_back({{"name", name},
                         {"images", fmt::format("{}{}{}", kFolder, name, kImages)},
                         {"events", fmt::format("{}{}{}", kFolder, name, kEvents)},
                         {"watchers", feed->watchers()}});
    return {.status = 200,
            .content_type = "application/json",
            .headers = {{"Cache-Control", "no-store"}},
            .body = names.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Response Streams::answer(const Request& request) {
    std::string_view name = request.path;
    if (name == kFolder.substr(0, kFolder.size() - 1)) return list();
    name.remove_prefix(std::min(kFolder.size(), name.size()));
    const bool images = name.ends_with(kImages);
    if (!images && !name.ends_with(kEvents))
        return error_response(404, "streams are at /streams/NAME.mjpg and /streams/NAME/events; /streams lists them");
    name.remove_suffix(images ? kImages.size() : kEvents.size());
    const auto found = feeds_.find(std::string(name));
    if (found == feeds_.end()) {
        return error_response(404, fmt::format("there is no stream '{}'; the server is started with live=NAME=SOURCE",
                                               options::safe(std::string(name))));
    }
    Response response{.status = 200,
                      .content_type = images ? "multipart/x-mixed-replace; boundary=frame" : "text/event-stream",
                      // The last keeps pages from elsewhere from showing what a camera sees.
                      .headers = {{"Cache-Control", "no-store"},
                                  {"X-Accel-Buffering", "no"},
                                  {"Cross-Origin-Resource-Policy", "same-origin"}}};
    if (request.method == "HEAD") return response;
    Feed& feed = *found->second;
    if (images) {
        const auto watcher = std::make_shared<Feed::Watcher>(feed, true);
        response.stream = [watcher] { return next_image(*watcher); };
    } else {
        const auto events = std::make_shared<Events>(feed);
        response.stream = [events] { return events->next(); };
    }
    return response;
}

}  // namespace yolovino::serve
