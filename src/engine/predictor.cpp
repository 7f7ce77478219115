#include "engine/predictor.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/image_size.hpp"
#include "engine/runtime_setup.hpp"
#include "tasks/detect.hpp"

namespace yolovino {

namespace {

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
    : model_(std::move(model)),
      args_(std::move(args)),
      runtime_args_(engine::runtime_args(*model_, engine::RuntimeWish(args_))),
      source_(data::open_source(source, {.vid_stride = args_.vid_stride, .stream_buffer = args_.stream_buffer})) {
    prepare();
}

Predictions::Impl::Impl(std::shared_ptr<const Model::State> model, Image image, PredictArgs args)
    : model_(std::move(model)),
      args_(std::move(args)),
      runtime_args_(engine::runtime_args(*model_, engine::RuntimeWish(args_))),
      source_(std::make_unique<MemorySource>(std::move(image))) {
    prepare();
}

void Predictions::Impl::prepare() {
    const runtime::LoadedNetwork& network = model_->network(runtime_args_.runtime);
    dynamic_ = network.dynamic();
    const int stride = std::max(model_->info.strides.back(), 32);
    const runtime::InputShape fixed = network.shape();
    if (dynamic_ || fixed.size.height == 0) {
        const ImageSize wanted =
            args_.imgsz.value_or(model_->info.imgsz.height > 0 ? model_->info.imgsz : ImageSize{640, 640});
        imgsz_ = engine::round_up_to_stride(wanted, stride);
    } else {
        imgsz_ = fixed.size;
        if (args_.imgsz && *args_.imgsz != imgsz_) {
            base::warn("imgsz={},{} is ignored: the exported network takes {},{}", args_.imgsz->height,
                       args_.imgsz->width, imgsz_.height, imgsz_.width);
        }
    }
    if (dynamic_) {
        batch_ = source_->stream_count() > 1 ? source_->stream_count() : static_cast<std::size_t>(args_.batch);
    } else {
        batch_ = static_cast<std::size_t>(fixed.batch);
        if (args_.batch != 1 && static_cast<std::size_t>(args_.batch) != batch_) {
            base::warn("batch={} is ignored: the exported network takes {}", args_.batch, batch_);
        }
    }
    if (engine::ResultSaver::is_needed(args_)) saver_ = std::make_unique<engine::ResultSaver>(args_, model_->info.task);
}

std::vector<vision::LetterboxGeometry> Predictions::Impl::geometries(const std::vector<data::Frame>& frames) const {
    const bool same = std::all_of(frames.begin(), frames.end(), [&](const data::Frame& frame) {
        return frame.image.size() == frames.front().image.size();
    });
    std::vector<vision::LetterboxGeometry> out;
    out.reserve(frames.size());
    for (const data::Frame& frame : frames) {
        out.push_back(same && args_.rect && dynamic_
                          ? vision::LetterboxGeometry::fit_minimal(frame.image.size(), imgsz_,
                                                                   std::max(model_->info.strides.back(), 32))
                          : vision::LetterboxGeometry::fit(frame.image.size(), imgsz_));
    }
    return out;
}

runtime::InputShape Predictions::Impl::input_shape(const std::vector<vision::LetterboxGeometry>& geometries) const {
    return {static_cast<int>(dynamic_ ? geometries.size() : batch_), geometries.front().canvas};
}

runtime::Session& Predictions::Impl::session_for(const runtime::InputShape& shape) {
    if (!session_ || shape_ != shape) {
        const auto network = model_->compiled(runtime_args_, shape);
        if (network != network_) {
            network_ = network;
            session_ = network_->new_session();
            if (args_.verbose && !loaded_line_done_)
                engine::log_load(*model_, runtime_args_.runtime, *network_, batch_);
            loaded_line_done_ = true;
        }
        shape_ = shape;
    }
    return *session_;
}

bool Predictions::Impl::run_batch() {
    std::vector<data::Frame> frames = source_->next(batch_);
    if (frames.empty()) return false;
    const auto letterboxes = geometries(frames);
    const runtime::InputShape shape = input_shape(letterboxes);
    runtime::Session& session = session_for(shape);
    const auto count = static_cast<double>(frames.size());

    const base::Stopwatch pre;
    const std::span<float> tensor = session.input(shape);
    const std::size_t image_elements = tensor.size() / static_cast<std::size_t>(shape.batch);
    if (frames.size() > static_cast<std::size_t>(shape.batch)) {
        throw Error(ErrorCode::ShapeMismatch, "predict",
                    fmt::format("the source gave {} pictures, wanted at most {}", frames.size(), shape.batch));
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
        vision::letterbox_to_tensor(frames[i].image, letterboxes[i],
                                    tensor.subspan(i * image_elements, image_elements));
    }
    // A static network takes whole batches only; the rest of the last one must not hold numbers of the one before.
    std::fill(tensor.begin() + static_cast<std::ptrdiff_t>(frames.size() * image_elements), tensor.end(), 0.0F);
    const double pre_ms = pre.elapsed_ms() / count;

    const base::Stopwatch inference;
    const runtime::RawOutput raw = session.infer();
    const double inference_ms = inference.elapsed_ms() / count;
    if (raw.batch < frames.size() || raw.rows != model_->info.names.size() + 4) {
        // Without metadata the names are made up, and only then may they be more than the classes.
        const bool unnamed = !model_->named && raw.rows > 4 && raw.rows < model_->info.names.size() + 4;
        if (raw.batch < frames.size() || !unnamed) {
            throw Error(ErrorCode::ShapeMismatch, "predict",
                        fmt::format("the network gave [{}, {}, {}], wanted [{}, {}, anchors]", raw.batch, raw.rows,
                                    raw.anchors, frames.size(), model_->info.names.size() + 4));
        }
    }
    const tasks::DetectArgs detect_args{args_.conf, args_.iou, args_.max_det, args_.agnostic_nms, args_.classes};
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const base::Stopwatch post;
        Item item{std::move(frames[i]), {}};
        item.results.orig_img = item.frame.image;
        item.results.orig_shape = item.frame.image.size();
        item.results.input_shape = shape.size;
        item.results.path = item.frame.path;
        if (item.frame.kind != data::SourceKind::Image) item.results.frame = item.frame.frame;
        item.results.names = model_->names;
        item.results.boxes = tasks::detect(raw.image(i), raw.rows, raw.anchors, detect_args, letterboxes[i]);
        if (saver_) item.results.save_dir = saver_->folder();
        item.results.speed = {pre_ms, inference_ms, post.elapsed_ms()};
        ready_.push_back(std::move(item));
    }
    ready_index_ = 0;
    return true;
}

void Predictions::Impl::finish(const Item& item, std::size_t index) {
    const Results& results = item.results;
    ++seen_;
    total_.preprocess += results.speed.preprocess;
    total_.inference += results.speed.inference;
    total_.postprocess += results.speed.postprocess;
    if (saver_ && !saver_->save(results, item.frame)) stopped_ = true;
    if (!args_.verbose) return;
    std::string prefix = fmt::format("{}: ", index);
    const std::string path = base::printable(item.frame.path, 4096);
    if (item.frame.kind == data::SourceKind::Image && path != "image0.jpg") {
        prefix = fmt::format("image {}/{} {}: ", item.frame.item, item.frame.items, path);
    } else if (item.frame.kind == data::SourceKind::Video) {
        prefix = fmt::format("video {}/{} (frame {}/{}) {}: ", item.frame.item, item.frame.items, item.frame.frame,
                             item.frame.frames, path);
    }
    base::info("{}{}x{} {}{:.1f}ms", prefix, results.input_shape.height, results.input_shape.width, results.verbose(),
               results.speed.inference);
}

void Predictions::Impl::log_summary() {
    if (saver_) saver_->close();
    if (seen_ == 0) {
        throw Error(ErrorCode::NotFound, "predict",
                    fmt::format("no picture of the source could be read ({} skipped)", source_->skipped()));
    }
    if (args_.verbose) {
        const auto n = static_cast<double>(seen_);
        base::info(
            "Speed: {:.1f}ms preprocess, {:.1f}ms inference, {:.1f}ms postprocess per image at shape ({}, 3, {}, {})",
            total_.preprocess / n, total_.inference / n, total_.postprocess / n, std::min(batch_, seen_),
            shape_->size.height, shape_->size.width);
        if (source_->skipped() > 0) base::warn("{} picture(s) could not be read and were skipped", source_->skipped());
    }
    if (saver_ && args_.verbose) saver_->log();
}

bool Predictions::Impl::advance() {
    current_.reset();
    if (ready_.empty() && (stopped_ || !run_batch())) {
        log_summary();
        return false;
    }
    Item item = std::move(ready_.front());
    ready_.pop_front();
    finish(item, ready_index_++);
    current_ = std::move(item.results);
    return true;
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

Results* Predictions::current() noexcept {
    return impl_->current();
}
bool Predictions::advance() {
    return base::translate(ErrorCode::IoFailure, "predict", "failed", [&] { return impl_->advance(); });
}

}  // namespace yolovino
