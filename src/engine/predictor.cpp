#include "engine/predictor.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/runtime_setup.hpp"

namespace yolovino {

namespace {

constexpr std::size_t kTriedBatch = 4;
constexpr std::size_t kMostFailuresInRow = 10;

/// One picture from memory as a source.
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

}  // namespace

void engine::check(const PredictArgs& args, const ModelInfo& info) {
    const auto expect = [](bool ok, const std::string& message) {
        if (!ok) throw Error(ErrorCode::InvalidArgument, "predict", message);
    };
    expect(args.conf >= 0 && args.conf <= 1, fmt::format("conf is {}, wanted 0 to 1", args.conf));
    expect(args.iou >= 0 && args.iou <= 1, fmt::format("iou is {}, wanted 0 to 1", args.iou));
    expect(args.max_det >= 1, fmt::format("max_det is {}, wanted at least 1", args.max_det));
    expect(args.batch >= 1 && args.batch <= 4096, fmt::format("batch is {}, wanted 1 to 4096", args.batch));
    expect(args.vid_stride >= 1, fmt::format("vid_stride is {}, wanted at least 1", args.vid_stride));
    expect(!args.line_width || *args.line_width >= 1, "line_width is below 1");
    for (const int cls : args.classes.value_or(std::vector<int>())) {
        expect(cls >= 0 && static_cast<std::size_t>(cls) < info.names.size(),
               fmt::format("classes holds {}, the model has 0 to {}", cls, info.names.size() - 1));
    }
}

Predictions::Impl::Impl(std::shared_ptr<const Model::State> model, const std::string& source, PredictArgs args)
    : setup_{.model = std::move(model), .args = std::move(args), .imgsz = {}},
      runtime_args_(engine::runtime_args(*setup_.model, engine::RuntimeWish(setup_.args))),
      source_(data::open_source(source, {.vid_stride = setup_.args.vid_stride,
                                         .stream_buffer = setup_.args.stream_buffer,
                                         .strict = setup_.args.strict})) {
    prepare();
}

Predictions::Impl::Impl(std::shared_ptr<const Model::State> model, Image image, PredictArgs args)
    : setup_{.model = std::move(model), .args = std::move(args), .imgsz = {}},
      runtime_args_(engine::runtime_args(*setup_.model, engine::RuntimeWish(setup_.args))),
      source_(std::make_unique<MemorySource>(std::move(image))) {
    prepare();
}

/// The lanes are waited for, and one of them may wait for a stream that gives no more frames.
Predictions::Impl::~Impl() {
    stop();
}

void Predictions::Impl::prepare() {
    engine::settle(setup_, runtime_args_);
    probe_.emplace(plans());
    if (engine::ResultSaver::is_needed(setup_.args))
        saver_ = std::make_unique<engine::ResultSaver>(setup_.args, setup_.model->info.task);
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
    const bool open_choice = setup_.args.performance == Performance::Auto &&
                             runtime_args_.runtime == Runtime::OpenVino && source_->is_long();
    if (!open_choice) return {one_by_one};
    // Larger batches change the letterbox of pictures of unequal sizes, and with it the results, unless all get the
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

void Predictions::Impl::record(std::size_t pictures, double ms) {
    if (probe_->decided()) return;
    if (lanes_ && lanes_->waited_for_caller()) {
        probe_->outrun();
    } else {
        probe_->record(pictures, ms);
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
bool Predictions::Impl::start_lanes() {
    const engine::Plan plan = probe_->plan();
    pending_ = take(plan.batch);
    if (pending_.empty()) return false;
    const runtime::InputShape shape = make_runner(plan).shape_of(pending_);
    // One more than the device works on, so that the next picture is ready when a request comes back.
    const std::size_t lanes = setup_.model->compiled(args_of(plan), shape)->optimal_requests() + 1;
    last_finished_.reset();
    lanes_ = std::make_unique<engine::Lanes>(
        lanes, [this, batch = plan.batch] { return take(batch); },
        [this, plan]() -> engine::Lanes::Run {
            auto runner = std::make_shared<engine::BatchRunner>(make_runner(plan));
            return [runner](std::vector<data::Frame> frames) { return runner->run(std::move(frames)); };
        });
    return true;
}

/// False when the lanes have given all that they took.
bool Predictions::Impl::take_from_lanes() {
    std::optional<engine::Lanes::Batch> batch = lanes_->next();
    if (!batch) return false;
    if (batch->problem) std::rethrow_exception(batch->problem);
    for (engine::Predicted& each : batch->pictures) ready_.push_back(std::move(each));
    const engine::Plan plan = probe_->plan();
    const std::chrono::duration<double, std::milli> since = batch->finished - last_finished_.value_or(batch->finished);
    last_finished_ = batch->finished;
    record(ready_.size(), since.count());
    if (probe_->plan() != plan) lanes_->take_no_more();
    return true;
}

/// The next results into `ready_`; false at the end of the source.
bool Predictions::Impl::fill() {
    while (true) {
        const bool parallel = lanes_ || probe_->plan().performance == Performance::Throughput;
        if (!parallel) return run_here();
        if (!lanes_ && !start_lanes()) return false;
        if (take_from_lanes()) return true;
        const bool ended = lanes_->source_ended();
        lanes_.reset();
        if (ended) return false;
    }
}

void Predictions::Impl::count_failure(const engine::Predicted& item) {
    if (setup_.args.strict) throw Error(*item.failure);
    if (!first_failure_) first_failure_ = item.failure;
    ++failed_;
    if (++failed_in_row_ == kMostFailuresInRow) throw Error(*item.failure);
    base::warn("picture skipped: {} ({})", item.failure->what(), base::printable(item.frame.path));
}

/// False if the picture has no results.
bool Predictions::Impl::finish(engine::Predicted& item) {
    if (item.failure) {
        count_failure(item);
        return false;
    }
    failed_in_row_ = 0;
    Results& results = item.results;
    ++seen_;
    total_.preprocess += results.speed.preprocess;
    total_.inference += results.speed.inference;
    total_.postprocess += results.speed.postprocess;
    last_shape_ = results.input_shape;
    if (saver_) {
        results.save_dir = saver_->folder();
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
        prefix = fmt::format("image {}/{} {}: ", item.frame.item, item.frame.items, path);
    } else if (item.frame.kind == data::SourceKind::Video) {
        const std::string of = item.frame.frames > 0 ? fmt::format("/{}", item.frame.frames) : "";
        prefix =
            fmt::format("video {}/{} (frame {}{}) {}: ", item.frame.item, item.frame.items, item.frame.frame, of, path);
    }
    base::info("{}{}x{} {}{:.1f}ms", prefix, results.input_shape.height, results.input_shape.width, results.verbose(),
               results.speed.inference);
}

void Predictions::Impl::log_summary() {
    if (saver_) saver_->close();
    if (seen_ == 0) {
        if (first_failure_) throw Error(*first_failure_);
        if (stopped_) return;
        throw Error(ErrorCode::NotFound, "predict",
                    fmt::format("no picture of the source could be read ({} skipped)", source_->skipped()));
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
        if (skipped > 0) base::warn("{} source(s) could not be read, or not to their end", skipped);
    }
    if (saver_ && setup_.args.verbose) saver_->log();
}

bool Predictions::Impl::advance() {
    current_.reset();
    while (true) {
        if (ready_.empty() && (stopped_ || !fill())) break;
        engine::Predicted item = std::move(ready_.front());
        ready_.pop_front();
        if (!finish(item)) continue;
        current_ = std::move(item.results);
        return true;
    }
    lanes_.reset();
    log_summary();
    return false;
}

void Predictions::Impl::stop() noexcept {
    stopped_ = true;
    source_->interrupt();
}

Results Predictions::Impl::only() {
    if (!advance()) throw Error(ErrorCode::NotFound, "predict", "there is no picture");
    Results results = std::move(*current_);
    advance();
    return results;
}

Predictions::Predictions(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Predictions::Predictions(Predictions&&) noexcept = default;
Predictions& Predictions::operator=(Predictions&&) noexcept = default;
Predictions::~Predictions() = default;

Predictions::Iterator Predictions::begin() {
    return advance() ? Iterator(this) : Iterator();
}

Predictions::Iterator& Predictions::Iterator::operator++() {
    if (!owner_->advance()) owner_ = nullptr;
    return *this;
}

std::vector<Results> Predictions::all() {
    std::vector<Results> results;
    for (Results& result : *this) results.push_back(std::move(result));
    return results;
}

void Predictions::stop() noexcept {
    impl_->stop();
}

Results* Predictions::current() noexcept {
    return impl_->current();
}
bool Predictions::advance() {
    return base::translate(ErrorCode::IoFailure, "predict", "failed", [&] { return impl_->advance(); });
}

}  // namespace yolovino
