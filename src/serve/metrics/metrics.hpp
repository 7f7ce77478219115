#pragma once

#include <functional>
#include <memory>
#include <string>

#include "yolovino/results.hpp"

#include "serve/generation.hpp"

namespace yolovino::serve {

/// Seconds that one image took in each stage.
struct StageTimes {
    double decode = 0;  ///< of the image, with what prepares it for the network
    double inference = 0;
    double postprocess = 0;
};

/// What `/metrics` shows. Thread-safe.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// What is asked whenever the metrics are: requests that wait and run, and connections.
    void watch(std::function<std::size_t()> waiting, std::function<std::size_t()> running,
               std::function<std::size_t()> connections);

    /// A request that was answered. @param model, version of the answer; empty where none took part
    void count_request(const std::string& model, const std::string& version, const std::string& api, unsigned status,
                       double seconds);
    void count_queued(double seconds);
    void count_image(const std::string& model, const StageTimes& times);
    /// Counts what was found by class.
    void count_detections(const std::string& model, const Results& results);
    /// A generation that is now the current one of its name.
    void set_loaded(const Generation& generation);
    void set_unloaded(const std::string& name);
    /// @param result `success` or `failure`
    void count_reload(const std::string& model, const std::string& result);

    /// The text format of Prometheus.
    std::string text() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace yolovino::serve
