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
#include "data/frame.hpp"
#include "engine/model/loaded_model.hpp"
#include "engine/predict/batch_runner.hpp"
#include "engine/predict/performance_probe.hpp"
#include "engine/predict/result_saver.hpp"
#include "engine/predict/worker_pool.hpp"
#include "runtime/session.hpp"

namespace yolovino {

namespace engine {
/// @throws Error InvalidArgument naming the argument
void check(const PredictArgs& args, const ModelInfo& info);
}  // namespace engine

/// Source → letterbox → network → suppression → results → files and lines.
///
/// In latency mode a batch is computed when it is asked for. In throughput mode workers compute ahead of the caller.
/// The results come in the order of the source in both.
class YOLOVINO_HIDDEN Predictions::Impl {
public:
    Impl(std::shared_ptr<const engine::LoadedModel> model, const std::string& source, PredictArgs args,
         engine::PredictMode mode = {});
    Impl(std::shared_ptr<const engine::LoadedModel> model, Image image, PredictArgs args);
    /// With what was checked and looked up before. @param sinks of the call; empty: those of the process
    Impl(engine::PredictSetup setup, runtime::RuntimeArgs args, const std::string& source, const CallSinks& sinks);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    /// Steps to the next result; false at the end, when the summary has been logged.
    bool advance();
    Results* current() noexcept { return current_ ? &*current_ : nullptr; }
    /// The result of the single image from memory.
    Results run_single();
    /// As Predictions::stop.
    void stop() noexcept;

private:
    void prepare();
    std::vector<engine::Plan> plans() const;
    runtime::RuntimeArgs args_of(const engine::Plan& plan) const;
    engine::BatchRunner make_runner(const engine::Plan& plan);

    bool fill();
    bool run_here();
    bool start_workers();
    bool take_from_workers();
    void record(std::size_t images, double ms);
    std::vector<data::Frame> take(std::size_t count);

    bool finish(engine::Predicted& item);
    void count_failure(const engine::Predicted& item);
    void log_line(const engine::Predicted& item) const;
    void log_summary();

    std::unique_ptr<base::CallLog> log_;  ///< null: the sinks of the process
    engine::PredictSetup setup_;
    runtime::RuntimeArgs runtime_args_;
    std::unique_ptr<data::FrameSource> source_;
    std::optional<engine::PerformanceProbe> probe_;
    std::once_flag loaded_line_;

    std::vector<data::Frame> pending_;  ///< taken from the source to see their shape
    std::unique_ptr<engine::BatchRunner> runner_;
    std::unique_ptr<engine::OrderedWorkerPool> workers_;
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
