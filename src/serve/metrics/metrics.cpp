#include "serve/metrics/metrics.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace yolovino::serve {

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries& buckets() {
    static const Histogram::BucketBoundaries kBuckets = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                         0.1,    0.25,  0.5,    1,     2.5,  5,     10};
    return kBuckets;
}

/// Of this process, in bytes.
double resident_bytes() {
    std::ifstream file("/proc/self/statm");
    double size = 0;
    double resident = 0;
    file >> size >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double processor_seconds() {
    rusage usage = {};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The class of each object that was found; of a classification the most likely one.
std::vector<int> classes_of(const Results& results) {
    std::vector<int> classes;
    if (results.probs) {
        classes.push_back(results.probs->top1());
    } else if (results.obb) {
        for (const RotatedBox& box : *results.obb) classes.push_back(box.cls);
    } else {
        for (const Box& box : results.boxes) classes.push_back(box.cls);
    }
    return classes;
}

}  // namespace

struct Metrics::State {
    prometheus::Registry registry;
    Family<Counter>& requests =
        BuildCounter().Name("yolovino_requests_total").Help("Requests that were answered").Register(registry);
    Family<Histogram>& request_seconds = BuildHistogram()
                                             .Name("yolovino_request_seconds")
                                             .Help("From the first byte of a request to the last of its answer")
                                             .Register(registry);
    Family<Histogram>& queue_seconds =
        BuildHistogram().Name("yolovino_queue_seconds").Help("Wait for a worker").Register(registry);
    Family<Histogram>& decode_seconds = BuildHistogram()
                                            .Name("yolovino_decode_seconds")
                                            .Help("Decoding an image and preparing it for the network")
                                            .Register(registry);
    Family<Histogram>& inference_seconds =
        BuildHistogram().Name("yolovino_inference_seconds").Help("The network, for an image").Register(registry);
    Family<Histogram>& postprocess_seconds = BuildHistogram()
                                                 .Name("yolovino_postprocess_seconds")
                                                 .Help("From the network's output to results")
                                                 .Register(registry);
    Family<Counter>& detections =
        BuildCounter().Name("yolovino_detections_total").Help("Objects that were found").Register(registry);
    Family<Gauge>& loaded =
        BuildGauge().Name("yolovino_model_loaded").Help("Models that are served").Register(registry);
    Family<Counter>& reloads =
        BuildCounter().Name("yolovino_reloads_total").Help("Models that were loaded anew").Register(registry);
    Gauge& queue_length =
        BuildGauge().Name("yolovino_queue_length").Help("Requests that wait for a worker").Register(registry).Add({});
    Gauge& running = BuildGauge().Name("yolovino_requests_running").Help("Requests in work").Register(registry).Add({});
    Gauge& connections = BuildGauge().Name("yolovino_connections").Help("Open connections").Register(registry).Add({});
    Gauge& resident =
        BuildGauge().Name("process_resident_memory_bytes").Help("Resident memory in bytes").Register(registry).Add({});
    Gauge& processor =
        BuildGauge().Name("process_cpu_seconds_total").Help("Time of processors in seconds").Register(registry).Add({});
    std::mutex mutex;  ///< of what follows
    std::map<std::string, Gauge*> loaded_by_name;
    std::function<std::size_t()> ask_waiting;
    std::function<std::size_t()> ask_running;
    std::function<std::size_t()> ask_connections;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

void Metrics::watch(std::function<std::size_t()> waiting, std::function<std::size_t()> running,
                    std::function<std::size_t()> connections) {
    const std::lock_guard lock(state_->mutex);
    state_->ask_waiting = std::move(waiting);
    state_->ask_running = std::move(running);
    state_->ask_connections = std::move(connections);
}

void Metrics::count_request(const std::string& model, const std::string& version, const std::string& api,
                            unsigned status, double seconds) {
    state_->requests.Add({{"model", model}, {"version", version}, {"api", api}, {"code", std::to_string(status)}})
        .Increment();
    state_->request_seconds.Add({{"model", model}, {"api", api}}, buckets()).Observe(seconds);
}

void Metrics::count_queued(double seconds) {
    state_->queue_seconds.Add({}, buckets()).Observe(seconds);
}

void Metrics::count_image(const std::string& model, const StageTimes& times) {
    state_->decode_seconds.Add({{"model", model}}, buckets()).Observe(times.decode);
    state_->inference_seconds.Add({{"model", model}}, buckets()).Observe(times.inference);
    state_->postprocess_seconds.Add({{"model", model}}, buckets()).Observe(times.postprocess);
}

void Metrics::count_detections(const std::string& model, const Results& results) {
    std::map<int, double> counts;
    for (const int cls : classes_of(results)) ++counts[cls];
    for (const auto& [cls, count] : counts) {
        const bool is_named = results.names && cls >= 0 && static_cast<std::size_t>(cls) < results.names->size();
        const std::string name = is_named ? (*results.names)[static_cast<std::size_t>(cls)] : std::to_string(cls);
        state_->detections.Add({{"model", model}, {"class", name}}).Increment(count);
    }
}

void Metrics::set_loaded(const Generation& generation) {
    const std::lock_guard lock(state_->mutex);
    Gauge*& gauge = state_->loaded_by_name[generation.name];
    if (gauge != nullptr) state_->loaded.Remove(gauge);
    gauge = &state_->loaded.Add(
        {{"model", generation.name}, {"generation", std::to_string(generation.number)}, {"sha256", generation.sha256}});
    gauge->Set(1);
}

void Metrics::set_unloaded(const std::string& name) {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->loaded_by_name.find(name);
    if (found == state_->loaded_by_name.end()) return;
    state_->loaded.Remove(found->second);
    state_->loaded_by_name.erase(found);
}

void Metrics::count_reload(const std::string& model, const std::string& result) {
    state_->reloads.Add({{"model", model}, {"result", result}}).Increment();
}

std::string Metrics::text() const {
    {
        const std::lock_guard lock(state_->mutex);
        if (state_->ask_waiting) state_->queue_length.Set(static_cast<double>(state_->ask_waiting()));
        if (state_->ask_running) state_->running.Set(static_cast<double>(state_->ask_running()));
        if (state_->ask_connections) state_->connections.Set(static_cast<double>(state_->ask_connections()));
    }
    state_->resident.Set(resident_bytes());
    state_->processor.Increment(std::max(0.0, processor_seconds() - state_->processor.Value()));
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, state_->registry.Collect());
    return out.str();
}

}  // namespace yolovino::serve
