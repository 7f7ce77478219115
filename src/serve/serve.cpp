#include "serve/serve.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <optional>
#include <sys/resource.h>
#include <thread>
#include <utility>
#include <vector>

#include "yolovino/error.hpp"

#include "base/processors.hpp"
#include "options/text.hpp"
#include "serve/dispatcher.hpp"
#include "serve/error_response.hpp"
#include "serve/generation.hpp"
#include "serve/http/access_log.hpp"
#include "serve/http/server.hpp"
#include "serve/kserve/protocol.hpp"
#include "serve/model_list.hpp"
#include "serve/page/info.hpp"
#include "serve/page/page.hpp"
#include "serve/predict/predict_service.hpp"
#include "serve/probe.hpp"
#include "serve/reload/repository.hpp"
#include "serve/reload/watcher.hpp"
#include "serve/streams/streams.hpp"

namespace yolovino::serve {

namespace {

constexpr double kBytesPerMb = 1e6;

/// What every model predicts with unless a request says otherwise.
PredictArgs defaults_of(const options::Settings& settings) {
    PredictArgs args = settings.predict;
    args.save = false;
    args.verbose = false;
    // Requests come one by one: there are no first images to measure on.
    if (args.runtime.performance == Performance::Auto) args.runtime.performance = Performance::Latency;
    return args;
}

/// One worker more than there are inferences at once decodes while the others infer.
std::size_t workers_of(const PredictArgs& args) {
    if (args.runtime.performance != Performance::Throughput) return 2;
    const auto streams = static_cast<std::size_t>(std::max(args.runtime.streams, 0));
    return (streams > 0 ? streams : base::processor_count()) + 1;
}

ServerOptions server_options(const options::ServeArgs& args) {
    ServerOptions options;
    options.host = args.host;
    options.port = static_cast<unsigned short>(args.port);
    options.cert = args.cert;
    options.key = args.key;
    options.max_body_bytes = static_cast<std::size_t>(args.max_body * kBytesPerMb);
    options.max_bodies_bytes = std::max(options.max_bodies_bytes, 2 * options.max_body_bytes);
    options.connections = static_cast<std::size_t>(args.connections);
    options.per_address = static_cast<std::size_t>(args.per_address);
    return options;
}

/// With the models of a folder in its place.
std::vector<NamedModel> expanded(const std::vector<NamedModel>& models) {
    std::vector<NamedModel> all;
    for (const NamedModel& model : models) {
        const std::vector<std::filesystem::path> files = models_in(model.file);
        for (const std::filesystem::path& file : files) all.push_back({served_name(file.string()), file.string()});
        if (files.empty()) all.push_back(model);
    }
    return all;
}

/// Where models that are not served yet may be loaded from.
std::vector<std::filesystem::path> folders_of(const std::vector<NamedModel>& models, const options::ServeArgs& args) {
    std::vector<std::filesystem::path> folders;
    if (!args.model_control) return folders;
    for (const NamedModel& model : models) {
        std::filesystem::path file = model.file;
        if (!file.has_filename()) file = file.parent_path();
        const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
        if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
    }
    return folders;
}

/// Each connection is a descriptor; the soft limit is often 1024.
void raise_descriptor_limit(std::size_t connections) {
    constexpr rlim_t kOthers = 256;
    rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= connections + kOthers) return;
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, connections + kOthers);
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

std::unique_ptr<AccessLog> access_log_of(const options::ServeArgs& args, const Host& host) {
    if (args.access_log.empty()) return nullptr;
    if (args.access_log != "-") return AccessLog::to_file(args.access_log);
    return std::make_unique<AccessLog>([&host](std::string_view line) { host.print(options::trim(line)); });
}

/// Everything that lives as long as the server.
class Application {
public:
    Application(const options::Settings& settings, const Host& host)
        : settings_(settings),
          host_(host),
          models_(expanded(parse_model_list(settings.model))),
          args_(defaults_of(settings)),
          token_(settings.serve.token.empty() ? Token() : Token(settings.serve.token)),
          log_(access_log_of(settings.serve, host)),
          service_(generations_, metrics_),
          streams_(parse_stream_list(settings.serve.live), generations_,
                   [this](std::string_view line) { host_.warn(line); }),
          repository_(
              generations_,
              [this](const std::string& name, const std::string& file, std::uint64_t number) {
                  return load(name, file, number);
              },
              folders_of(models_, settings.serve), [this](const LoadEvent& event) { report(event); }),
          protocol_(generations_, &repository_, settings.serve.model_control, &metrics_),
          server_(
              server_options(settings.serve),
              [this](Request request, const Reply& reply) { dispatcher_(std::move(request), reply); },
              [this](const Served& served) { log(served); }),
          queue_(workers_of(args_), static_cast<std::size_t>(settings.serve.queue),
                 std::chrono::duration<double>(settings.serve.timeout)),
          dispatcher_({.router = router_,
                       .token = token_,
                       .queue = queue_,
                       .metrics = metrics_,
                       .phase = phase_,
                       .max_body_bytes = server_options(settings.serve).max_body_bytes}) {
        add_routes();
        add_page();
        metrics_.watch([this] { return queue_.waiting(); }, [this] { return queue_.running(); },
                       [this] { return server_.connections(); });
    }

    /// The thread of the network uses everything else here.
    ~Application() { end(); }
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    void run() {
        warn_of_strangers();
        raise_descriptor_limit(static_cast<std::size_t>(settings_.serve.connections));
        server_.start();
        for (const NamedModel& model : models_) repository_.add(model.name, model.file);
        watcher_ = std::make_unique<Watcher>(repository_);
        host_.on_stop([this](bool at_once) { ask_to_stop(at_once); });
        phase_ = Phase::Ready;
        host_.print(fmt::format("Listening at {}://{} with {} workers, {} requests may wait; Ctrl-C ends it",
                                settings_.serve.cert.empty() ? "http" : "https", server_.address(), queue_.workers(),
                                settings_.serve.queue));
        wait_for_stop();
        end();
    }

private:
    void add_routes() {
        // Most clients look at the status alone; KServe's reads the text.
        const auto health = [](unsigned status, const char* text) {
            return Response{.status = status, .content_type = "application/json", .body = text};
        };
        router_.add({.method = "POST",
                     .path = "/predict",
                     .api = "predict",
                     .cost = Cost::Work,
                     .handle = [this](const Request& request) { return service_.predict(request); }});
        router_.add({.method = "POST",
                     .path = "/v1/vision/detection",
                     .api = "deepstack",
                     .cost = Cost::Work,
                     .handle = [this](const Request& request) { return service_.detect_as_deepstack(request); }});
        router_.add(
            {.method = "GET", .path = "/v2/health/live", .api = "health", .open = true, .handle = [=](const Request&) {
                 return health(200, R"({"live":true})");
             }});
        router_.add({.method = "GET",
                     .path = "/v2/health/ready",
                     .api = "health",
                     .open = true,
                     .handle = [=, this](const Request&) {
                         return phase_ == Phase::Ready ? health(200, R"({"ready":true})")
                                                       : health(503, R"({"ready":false})");
                     }});
        router_.add({.method = "GET", .path = "/metrics", .api = "metrics", .handle = [this](const Request&) {
                         return Response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                         .body = metrics_.text()};
                     }});
        add_kserve_routes();
    }

    void add_page() {
        for (const char* path : {"/", "/page.css", "/page.js"}) {
            router_.add(
                {.method = "GET", .path = path, .api = "page", .open = true, .handle = [](const Request& request) {
                     return page(request).value_or(error_response(404, "there is no such page"));
                 }});
        }
        for (const char* path : {"/streams", "/streams/*"}) {
            router_.add({.method = "GET", .path = path, .api = "streams", .handle = [this](const Request& request) {
                             return streams_.answer(request);
                         }});
        }
        router_.add({.method = "GET", .path = "/info", .api = "info", .handle = [this](const Request&) {
                         return info(generations_);
                     }});
    }

    void add_kserve_routes() {
        const auto handle = [this](const Request& request) { return protocol_.handle(request); };
        const auto add = [&](const char* method, const char* path, Cost cost) {
            router_.add({.method = method, .path = path, .api = "kserve", .cost = cost, .handle = handle});
        };
        for (const char* path :
             {"/v2", "/v2/", "/v2/models/stats", "/v2/models/{}", "/v2/models/{}/ready", "/v2/models/{}/config",
              "/v2/models/{}/stats", "/v2/models/{}/versions/{}", "/v2/models/{}/versions/{}/ready",
              "/v2/models/{}/versions/{}/config", "/v2/models/{}/versions/{}/stats"})
            add("GET", path, Cost::Quick);
        for (const char* path : {"/v2/models/{}/infer", "/v2/models/{}/versions/{}/infer", "/v2/repository/index",
                                 "/v2/repository/models/{}/load", "/v2/repository/models/{}/unload"})
            add("POST", path, Cost::Work);
    }

    std::shared_ptr<const Generation> load(const std::string& name, const std::string& file,
                                           std::uint64_t number) const {
        auto generation = load_generation(name, file, args_, number, settings_.task);
        const ModelInfo& info = generation->model.info();
        if (settings_.int8 && !info.int8) {
            throw Error(ErrorCode::InvalidArgument, "serve",
                        "int8=True (or quantize=8) needs an 8-bit model, this one is not", {.file = file},
                        "make one: yolo export model=X.pt format=openvino int8=True data=D.yaml");
        }
        return generation;
    }

    void report(const LoadEvent& event) {
        using Kind = LoadEvent::Kind;
        if (event.kind == Kind::Unloaded) {
            metrics_.set_unloaded(event.name);
            host_.print(fmt::format("Model {}: unloaded", event.name));
            return;
        }
        if (event.kind == Kind::Failed) {
            metrics_.count_reload(event.name, "failure");
            if (event.current == nullptr) return;  // who asked for it gets the reason
            host_.warn(fmt::format("model {}: generation {} is still served: {}", event.name, event.current->number,
                                   event.error));
            return;
        }
        if (event.kind == Kind::Reloaded) metrics_.count_reload(event.name, "success");
        const Generation& current = *event.current;
        metrics_.set_loaded(current);
        host_.print(fmt::format("Model {}: {}, {} classes, {}, sha256 {}{}", event.name, current.model.task(),
                                current.model.names().size(), options::safe(current.model.info().path.string()),
                                current.sha256,
                                event.kind == Kind::Loaded ? "" : fmt::format(", generation {}", current.number)));
    }

    void warn_of_strangers() const {
        if (server_.is_loopback()) return;
        host_.warn(fmt::format("host={}: every machine that reaches {} can use this server{}{}", settings_.serve.host,
                               server_.address(),
                               token_.is_wanted() ? " if it has the token" : "; give token=FILE to ask for a token",
                               settings_.serve.cert.empty() ? ", and cert=FILE for https" : ""));
    }

    void log(const Served& served) {
        if (log_) log_->add(access_line(served, std::chrono::system_clock::now()));
    }

    void ask_to_stop(bool at_once) {
        {
            const std::lock_guard lock(mutex_);
            asked_ = true;
            at_once_ = at_once;
        }
        changed_.notify_all();
    }

    void wait_for_stop() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return asked_; });
        const bool at_once = at_once_;
        lock.unlock();
        phase_ = Phase::Draining;
        server_.drain();
        // Meanwhile whoever asks whether the server is ready learns to send its requests elsewhere.
        if (!at_once) std::this_thread::sleep_for(std::chrono::duration<double>(settings_.serve.drain));
    }

    /// Requests that have begun are answered first.
    void end() {
        watcher_.reset();
        server_.stop();
        server_.join();
        queue_.finish();
    }

    const options::Settings& settings_;
    const Host& host_;
    const std::vector<NamedModel> models_;
    const PredictArgs args_;
    const Token token_;
    std::unique_ptr<AccessLog> log_;
    Generations generations_;
    Metrics metrics_;
    PredictService service_;
    Streams streams_;
    Repository repository_;
    Protocol protocol_;
    Router router_;
    std::atomic<Phase> phase_ = Phase::Starting;
    Server server_;
    WorkQueue queue_;
    Dispatcher dispatcher_;
    std::unique_ptr<Watcher> watcher_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool asked_ = false;
    bool at_once_ = false;
};

}  // namespace

int serve(const options::Settings& settings, const Host& host) {
    if (settings.serve.probe) {
        probe(settings.serve);
        return 0;
    }
    Application(settings, host).run();
    return 0;
}

}  // namespace yolovino::serve
