#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/hidden.hpp"
#include "base/log.hpp"
#include "data/source.hpp"
#include "engine/batch_runner.hpp"
#include "engine/lanes.hpp"
#include "engine/model_state.hpp"
#include "engine/performance_probe.hpp"
#include "engine/result_saver.hpp"
#include "runtime/session.hpp"

namespace yolovino {

namespace engine {
/// @throws Error InvalidArgument naming the argument
void check(const PredictArgs& args, const ModelInfo& info);
}  // namespace engine

/// Source → letterbox → network → suppression → results → files and lines.
///
/// In latency mode a batch is computed when it is asked for. In throughput mode lanes compute ahead of the caller. The
/// results come in the order of the source in both.
class YOLOVINO_HIDDEN Predictions::Impl {
public:
    Impl(std::shared_ptr<const Model::State> model, const std::string& source, PredictArgs args);
    Impl(std::shared_ptr<const Model::State> model, Image image, PredictArgs args);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// Steps to the next result; false at the end, when the summary has been logged.
    bool advance();
    Results* current() noexcept { return current_ ? &*current_ : nullptr; }
    /// The result of the single picture from memory.
    Results only();
    /// As Predictions::stop.
    void stop() noexcept;

private:
    void prepare();
    std::vector<engine::Plan> plans() const;
    runtime::RuntimeArgs args_of(const engine::Plan& plan) const;
    engine::BatchRunner make_runner(const engine::Plan& plan);

    bool fill();
    bool run_here();
    bool start_lanes();
    bool take_from_lanes();
    void record(std::size_t pictures, double ms);
    std::vector<data::Frame> take(std::size_t count);

    bool finish(engine::Predicted& item);
    void count_failure(const engine::Predicted& item);
    void log_line(const engine::Predicted& item) const;
    void log_summary();

    engine::PredictSetup setup_;
    runtime::RuntimeArgs runtime_args_;
    std::unique_ptr<data::FrameSource> source_;
    std::optional<engine::PerformanceProbe> probe_;
    std::once_flag loaded_line_;

    std::vector<data::Frame> pending_;  ///< taken from the source to see their shape
    std::unique_ptr<engine::BatchRunner> runner_;
    std::unique_ptr<engine::Lanes> lanes_;
    std::optional<std::chrono::steady_clock::time_point> last_finished_;

    std::unique_ptr<engine::ResultSaver> saver_;
    std::deque<engine::Predicted> ready_;
    std::optional<Results> current_;
    std::atomic<bool> stopped_ = false;
    std::size_t seen_ = 0;
    std::size_t failed_ = 0;
    std::size_t failed_in_row_ = 0;
    std::optional<Error> first_failure_;
    Speed total_;
    ImageSize last_shape_;
    base::Stopwatch since_start_;
};

}  // namespace yolovino
