#include "engine/predict/predictions.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/log.hpp"
#include "data/open_source.hpp"
#include "engine/predict/embedding.hpp"
#include "engine/predict/runtime_setup.hpp"
#include "options/check.hpp"

namespace yolovino {

namespace {

constexpr std::size_t kTriedBatch = 4;
constexpr std::size_t kMostFailuresInRow = 10;

/// One image from memory as a source.
class MemorySource final : public data::FrameSource {
public:
    explicit MemorySource(Image image) : image_(std::move(image)) {}
    std::vector<data::Frame> next(std::size_t) override {
        if (image_.empty()) return {};
        std::vector<data::Frame> frames(1);
        frames.front().image = std::move(image_);
        frames.front().path = "image0.jpg";
        frames.front().item = 1;
        frames.front().items = 1;
        image_ = {};
        return frames;
    }
    std::size_t skipped() const override { return 0; }

private:
    Image image_;
};

std::unique_ptr<data::FrameSource> open_source(const std::string& source, const PredictArgs& args) {
    return data::open_source(source, {.vid_stride = args.vid_stride,
                                      .stream_buffer = args.stream_buffer,
                                      .strict = args.strict,
                                      .report_failures = args.error_results,
                                      .framing = args.framing});
}

}  // namespace

void engine::check(const PredictArgs& args, const ModelInfo& info) {
    options::check(args);
    check_embed(args, info);
    for (const int cls : args.classes.value_or(std::vector<int>())) {
        if (static_cast<std::size_t>(cls) >= info.names.size()) {
            throw Error(ErrorCode::InvalidArgument, "predict",
                        fmt::format("classes holds {}, the model has 0 to {}", cls, info.names.size() - 1));
        }
    }
}

Predictions::Impl::Impl(std::shared_ptr<const engine::LoadedModel> model, const std::string& source, PredictArgs args,
                        engine::PredictMode mode)
    : setup_{.model = std::move(model), .args = std::move(args), .imgsz = {}, .mode = std::move(mode)},
      runtime_args_(engine::runtime_args(*setup_.model, setup_.args.runtime)),
      source_(open_source(source, setup_.args)) {
    engine::resolve_input_shape(setup_, runtime_args_);
    prepare();
}

Predictions::Impl::Impl(std::shared_ptr<const engine::LoadedModel> model, Image image, PredictArgs args)
    : setup_{.model = std::move(model), .args = std::move(args), .imgsz = {}},
      runtime_args_(engine::runtime_args(*setup_.model, setup_.args.runtime)),
      source_(std::make_unique<MemorySource>(std::move(image))) {
    engine::resolve_input_shape(setup_, runtime_args_);
    prepare();
}

Predictions::Impl::Impl(engine::PredictSetup setup, runtime::RuntimeArgs args, const std::string& source,
                        const CallSinks& sinks)
    : log_(sinks.log || sinks.progress ? std::make_unique<base::CallLog>(sinks) : nullptr),
      setup_(std::move(setup)),
      runtime_args_(std::move(args)) {
    const base::LogScope scope(log_.get());
    source_ = open_source(source, setup_.args);
    prepare();
}

/// The workers are waited for, and one of them may wait for a stream that gives no more frames.
Predictions::Impl::~Impl() {
    stop();
}

void Predictions::Impl::prepare() {
    if (setup_.args.visualize) setup_.args.visualize = engine::can_visualize(*setup_.model, setup_.args);
    if (setup_.args.visualize)
        setup_.maps = std::make_shared<engine::ActivationMaps>(*setup_.model, runtime_args_.runtime);
    if (setup_.embeds()) {
        // Nothing is found that these could show.
        PredictArgs& args = setup_.args;
        args.save = args.save_txt = args.save_crop = args.save_frames = args.show = false;
    }
    probe_.emplace(plans());
    const tasks::TaskTraits& traits = setup_.model->task->traits();
    if (setup_.args.save_crop && !traits.finds_objects) {
        base::warn("save_crop=True is ignored: the task '{}' finds no objects", traits.name);
        setup_.args.save_crop = false;
    }
    if (engine::ResultSaver::is_needed(setup_.args))
        saver_ = std::make_unique<engine::ResultSaver>(setup_.args, std::string(traits.run_folder), setup_.mode);
}

/// The ways to compute that are worth a try for this source.
std::vector<engine::Plan> Predictions::Impl::plans() const {
    const std::size_t streams = source_->stream_count();
    const std::size_t batch = !setup_.dynamic ? setup_.fixed_batch
                              : streams > 1   ? streams
                                              : static_cast<std::size_t>(setup_.args.batch);
    const engine::Plan one_by_one{Performance::Latency, batch};
    const engine::Plan side_by_side{Performance::Throughput, batch};
    if (runtime_args_.performance == Performance::Throughput) return {side_by_side};
    const bool open_choice = setup_.args.runtime.performance == Performance::Auto &&
                             runtime_args_.runtime == Runtime::OpenVino && source_->is_long();
    if (!open_choice) return {one_by_one};
    // Larger batches change the letterbox of images of unequal sizes, and with it the results, unless all get the
    // whole canvas.
    const bool may_batch = setup_.dynamic && batch == 1 && !setup_.args.rect;
    if (may_batch) return {one_by_one, {Performance::Throughput, kTriedBatch}, side_by_side};
    return {one_by_one, side_by_side};
}

runtime::RuntimeArgs Predictions::Impl::args_of(const engine::Plan& plan) const {
    runtime::RuntimeArgs args = runtime_args_;
    args.performance = plan.performance;
    return args;
}

engine::BatchRunner Predictions::Impl::make_runner(const engine::Plan& plan) {
    runtime::RuntimeArgs args = args_of(plan);
    return {setup_, args, [this, args, batch = plan.batch](runtime::CompiledNetwork& network) {
                if (!setup_.args.verbose) return;
                std::call_once(loaded_line_, [&] { engine::log_load(*setup_.model, args, network, batch); });
            }};
}

std::vector<data::Frame> Predictions::Impl::take(std::size_t count) {
    return pending_.empty() ? source_->next(count) : std::exchange(pending_, {});
}

void Predictions::Impl::record(std::size_t images, double ms) {
    if (probe_->decided()) return;
    if (workers_ && workers_->consumer_is_slower()) {
        probe_->outrun();
    } else {
        probe_->record(images, ms);
    }
    if (probe_->decided() && setup_.args.verbose) base::info("performance={}", probe_->verdict());
}

/// Computes a batch on the caller's thread.
bool Predictions::Impl::run_here() {
    const engine::Plan plan = probe_->plan();
    const base::Stopwatch watch;
    std::vector<data::Frame> frames = take(plan.batch);
    if (frames.empty()) return false;
    if (!runner_) runner_ = std::make_unique<engine::BatchRunner>(make_runner(plan));
    for (engine::Predicted& each : runner_->run(std::move(frames))) ready_.push_back(std::move(each));
    record(ready_.size(), watch.elapsed_ms());
    return true;
}

/// False if there is nothing to compute.
bool Predictions::Impl::start_workers() {
    const engine::Plan plan = probe_->plan();
    pending_ = take(plan.batch);
    if (pending_.empty()) return false;
    const runtime::InputShape shape = make_runner(plan).shape_of(pending_);
    // One more than the device works on, so that the next image is ready when a request comes back.
    const std::size_t workers = setup_.compiled(args_of(plan), shape)->optimal_requests() + 1;
    last_finished_.reset();
    workers_ = std::make_unique<engine::OrderedWorkerPool>(
        workers, [this, batch = plan.batch] { return take(batch); },
        [this, plan]() -> engine::OrderedWorkerPool::Run {
            auto runner = std::make_shared<engine::BatchRunner>(make_runner(plan));
            return [runner](std::vector<data::Frame> frames) { return runner->run(std::move(frames)); };
        });
    return true;
}

/// False when the workers have given all that they took.
bool Predictions::Impl::take_from_workers() {
    std::optional<engine::OrderedWorkerPool::Batch> batch = workers_->next();
    if (!batch) return false;
    if (batch->problem) std::rethrow_exception(batch->problem);
    for (engine::Predicted& each : batch->images) ready_.push_back(std::move(each));
    const engine::Plan plan = probe_->plan();
    const std::chrono::duration<double, std::milli> since = batch->finished - last_finished_.value_or(batch->finished);
    last_finished_ = batch->finished;
    record(ready_.size(), since.count());
    if (probe_->plan() != plan) workers_->stop_accepting();
    return true;
}

/// The next results into `ready_`; false at the end of the source.
bool Predictions::Impl::fill() {
    while (true) {
        const bool parallel = workers_ || probe_->plan().performance == Performance::Throughput;
        if (!parallel) return run_here();
        if (!workers_ && !start_workers()) return false;
        if (take_from_workers()) return true;
        const bool ended = workers_->source_ended();
        workers_.reset();
        if (ended) return false;
    }
}

void Predictions::Impl::count_failure(const engine::Predicted& item) {
    if (setup_.args.strict) throw Error(*item.failure);
    if (!first_failure_) first_failure_ = item.failure;
    ++failed_;
    if (setup_.args.error_results) return;
    if (++failed_in_row_ == kMostFailuresInRow) throw Error(*item.failure);
    base::warn("image skipped: {} ({})", item.failure->what(), base::printable(item.frame.path));
}

/// False if the image has no results.
bool Predictions::Impl::finish(engine::Predicted& item) {
    if (item.failure) {
        count_failure(item);
        item.results.error = item.failure->what();
        if (setup_.args.error_results && setup_.args.verbose) log_line(item);
        return setup_.args.error_results;
    }
    failed_in_row_ = 0;
    if (setup_.mode.step) setup_.mode.step->apply(item);
    Results& results = item.results;
    ++seen_;
    total_.preprocess += results.speed.preprocess;
    total_.inference += results.speed.inference;
    total_.postprocess += results.speed.postprocess;
    last_shape_ = results.input_shape;
    if (saver_) {
        results.save_dir = saver_->folder();
        if (!item.activation_map.empty()) saver_->save_activation_map(item.activation_map, item.frame);
        if (!saver_->save(results, item.frame)) stop();
    }
    if (setup_.args.verbose) log_line(item);
    return true;
}

void Predictions::Impl::log_line(const engine::Predicted& item) const {
    const Results& results = item.results;
    std::string prefix = fmt::format("{}: ", item.frame.item - 1);
    const std::string path = base::printable(item.frame.path, 4096);
    if (item.frame.kind == data::SourceKind::Image && path != "image0.jpg") {
        const std::string of = item.frame.items > 0 ? fmt::format("/{}", item.frame.items) : "";
        prefix = fmt::format("image {}{} {}: ", item.frame.item, of, path);
    } else if (item.frame.kind == data::SourceKind::Video) {
        const std::string of = item.frame.frames > 0 ? fmt::format("/{}", item.frame.frames) : "";
        prefix =
            fmt::format("video {}/{} (frame {}{}) {}: ", item.frame.item, item.frame.items, item.frame.frame, of, path);
    }
    if (item.failure) return base::warn("{}{}", prefix, results.error);
    base::info("{}{}x{} {}{:.1f}ms", prefix, results.input_shape.height, results.input_shape.width, results.verbose(),
               results.speed.inference);
}

void Predictions::Impl::log_summary() {
    if (saver_) saver_->close();
    if (seen_ == 0) {
        if (stopped_ || (failed_ > 0 && setup_.args.error_results)) return;
        if (first_failure_) throw Error(*first_failure_);
        if (source_->may_be_empty()) return;
        throw Error(ErrorCode::NotFound, "predict",
                    fmt::format("no image of the source could be read ({} skipped)", source_->skipped()));
    }
    if (setup_.args.verbose) {
        const auto n = static_cast<double>(seen_);
        base::info(
            "Speed: {:.1f}ms preprocess, {:.1f}ms inference, {:.1f}ms postprocess per image at shape ({}, 3, {}, {})",
            total_.preprocess / n, total_.inference / n, total_.postprocess / n, std::min(probe_->plan().batch, seen_),
            last_shape_.height, last_shape_.width);
        if (seen_ > 1) {
            const double seconds = since_start_.elapsed_ms() / 1000;
            base::info("{} images in {:.1f} s, {:.1f} images/s", seen_, seconds, n / seconds);
        }
        const std::size_t skipped = source_->skipped() + failed_;
        if (skipped > 0) base::warn("{} source(s) skipped or truncated", skipped);
    }
    if (saver_ && setup_.args.verbose) saver_->log();
}

bool Predictions::Impl::advance() {
    const base::LogScope scope(log_.get());
    current_.reset();
    while (true) {
        if (ready_.empty() && (stopped_ || !fill())) break;
        engine::Predicted item = std::move(ready_.front());
        ready_.pop_front();
        if (!finish(item)) continue;
        current_ = std::move(item.results);
        return true;
    }
    workers_.reset();
    log_summary();
    return false;
}

void Predictions::Impl::stop() noexcept {
    stopped_ = true;
    source_->interrupt();
}

Results Predictions::Impl::run_single() {
    if (!advance()) throw Error(ErrorCode::NotFound, "predict", "there is no image");
    Results results = std::move(*current_);
    advance();
    return results;
}

Predictions::Predictions(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Predictions::Predictions(Predictions&&) noexcept = default;
Predictions& Predictions::operator=(Predictions&&) noexcept = default;
Predictions::~Predictions() = default;

Predictions::Iterator Predictions::begin() {
    return base::api_call("predict", [&] { return advance() ? Iterator(this) : Iterator(); });
}

Predictions::Iterator& Predictions::Iterator::operator++() {
    return base::api_call("predict", [&]() -> Iterator& {
        if (!owner_->advance()) owner_ = nullptr;
        return *this;
    });
}

std::vector<Results> Predictions::all() {
    return base::api_call("predict", [&] {
        std::vector<Results> results;
        for (Results& result : *this) results.push_back(std::move(result));
        return results;
    });
}

void Predictions::stop() noexcept {
    impl_->stop();
}

Results* Predictions::current() noexcept {
    return impl_->current();
}
bool Predictions::advance() {
    return base::api_call("predict", [&] { return impl_->advance(); });
}

}  // namespace yolovino
