#include "engine/predict/batch_runner.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/model/augmented_network.hpp"
#include "engine/model/image_size.hpp"
#include "engine/predict/embedding.hpp"
#include "engine/predict/input_tensor.hpp"
#include "options/schema.hpp"

namespace yolovino::engine {

namespace {

constexpr int kMinStride = 32;
constexpr std::size_t kRecentShapes = 16;  // whose sessions are found without asking the model

/// What divides the dimensions of the input. As in Ultralytics an export whose images are not letterboxed may say that
/// any will do, a checkpoint may not. What a server runs is taken for a checkpoint.
int stride_of(const LoadedModel& model) {
    const bool any_size = !model.checkpoint && model.format != ModelFormat::Remote && !model.task->traits().letterboxed;
    return std::max(model.info.strides.back(), any_size ? 1 : kMinStride);
}

/// Errors of a single inference; all others would come back with every image.
bool concerns_one_batch(ErrorCode code) {
    return code == ErrorCode::RuntimeFailure || code == ErrorCode::LimitExceeded;
}

void resolve_network(PredictSetup& setup, const runtime::RuntimeArgs& runtime) {
    if (setup.args.embed) {
        const auto embedding = embedding_network(setup.model, *setup.args.embed, runtime.runtime);
        embedding->ready(runtime);
        setup.variant = embedding;
        return;
    }
    setup.model->network(runtime.runtime).ready(runtime);
    if (setup.args.augment && can_augment(*setup.model))
        setup.variant = std::make_shared<AugmentedNetwork>(*setup.model);
}

}  // namespace

std::shared_ptr<runtime::CompiledNetwork> PredictSetup::compiled(const runtime::RuntimeArgs& runtime,
                                                                 const runtime::InputShape& shape) const {
    return variant ? variant->compiled(runtime, shape) : model->compiled(runtime, shape);
}

void resolve_input_shape(PredictSetup& setup, const runtime::RuntimeArgs& runtime) {
    const PredictArgs& args = setup.args;
    const ModelInfo& info = setup.model->info;
    resolve_network(setup, runtime);
    const runtime::LoadedNetwork& network = setup.model->network(runtime.runtime);
    setup.dynamic = network.dynamic();
    const runtime::InputShape fixed = network.shape();
    if (setup.dynamic || fixed.size.height == 0) {
        setup.imgsz = round_up_to_stride(args.imgsz.value_or(info.imgsz.height > 0 ? info.imgsz : kDefaultImageSize),
                                         stride_of(*setup.model));
    } else {
        setup.imgsz = fixed.size;
        if (args.imgsz && *args.imgsz != fixed.size) {
            base::warn("imgsz={},{} is ignored: the exported network takes {},{}", args.imgsz->height,
                       args.imgsz->width, fixed.size.height, fixed.size.width);
        }
    }
    setup.fixed_batch = static_cast<std::size_t>(std::max(fixed.batch, 1));
    if (!setup.dynamic && args.batch != 1 && args.batch != fixed.batch)
        base::warn("batch={} is ignored: the exported network takes {}", args.batch, fixed.batch);
}

BatchRunner::BatchRunner(const PredictSetup& setup, runtime::RuntimeArgs args, Loaded loaded, Answered answered)
    : setup_(setup),
      args_(std::move(args)),
      decode_args_{.conf = setup.args.conf,
                   .iou = setup.args.iou,
                   .max_det = setup.args.max_det,
                   .agnostic_nms = setup.args.agnostic_nms,
                   .classes = setup.args.classes,
                   .multi_label = false,
                   .retina_masks = setup.args.retina_masks,
                   .form = setup.model->form()},
      loaded_(std::move(loaded)),
      answered_(std::move(answered)) {
    recent_.reserve(kRecentShapes);
    if (setup_.maps) maps_.emplace(*setup_.maps, setup_.args);
}

vision::LetterboxGeometry BatchRunner::geometry(ImageSize image, bool minimal) const {
    return minimal && setup_.model->task->traits().letterboxed
               ? vision::LetterboxGeometry::fit_minimal(image, setup_.imgsz, stride_of(*setup_.model))
               : vision::LetterboxGeometry::fit(image, setup_.imgsz);
}

std::vector<vision::LetterboxGeometry> BatchRunner::geometries(const std::vector<data::Frame>& frames) const {
    const bool same = std::all_of(frames.begin(), frames.end(), [&](const data::Frame& frame) {
        return frame.image.size() == frames.front().image.size();
    });
    const bool minimal = same && setup_.args.rect && setup_.dynamic;
    std::vector<vision::LetterboxGeometry> out;
    out.reserve(frames.size());
    for (const data::Frame& frame : frames) out.push_back(geometry(frame.image.size(), minimal));
    return out;
}

runtime::InputShape BatchRunner::shape_of(const std::vector<data::Frame>& frames) const {
    std::vector<data::Frame> images;
    std::ranges::copy_if(frames, std::back_inserter(images), [](const data::Frame& frame) { return !frame.failure; });
    if (images.empty()) return shape_of(std::vector{geometry(setup_.imgsz, false)});
    return shape_of(geometries(images));
}

runtime::InputShape BatchRunner::shape_of(const std::vector<vision::LetterboxGeometry>& letterboxes) const {
    return {static_cast<int>(setup_.dynamic ? letterboxes.size() : setup_.fixed_batch), letterboxes.front().canvas};
}

runtime::Session& BatchRunner::session_for(const runtime::InputShape& shape) {
    const auto known = std::ranges::find(recent_, shape, &Recent::shape);
    if (known != recent_.end()) return *known->session;
    const auto network = setup_.compiled(args_, shape);
    std::unique_ptr<runtime::Session>& session = sessions_[network];
    if (!session) {
        session = network->new_session();
        if (loaded_) loaded_(*network);
    }
    if (recent_.size() == kRecentShapes) recent_.erase(recent_.begin());
    recent_.push_back({shape, session.get()});
    return *session;
}

Results BatchRunner::describe(const Image& image, const std::string& path, const runtime::InputShape& shape) const {
    Results results;
    results.orig_img = image;
    results.orig_shape = image.size();
    results.input_shape = shape.size;
    results.path = path;
    results.names = setup_.model->names;
    results.task = setup_.model->info.task;
    return results;
}

void BatchRunner::check(const tensors::Outputs& outputs, std::size_t images) const {
    if (setup_.embeds()) return;  // embedding_of() checks what it takes
    // Names that stand for no class do no harm: those that are made up without metadata, or that a file has too many.
    setup_.model->task->check(outputs, images, {.least = 1, .most = setup_.model->info.names.size()}, decode_args_.form,
                              "predict");
}

void BatchRunner::decode(const tensors::Outputs& outputs, std::size_t image, const vision::LetterboxGeometry& letterbox,
                         Results& results) const {
    const base::Stopwatch watch;
    if (setup_.embeds()) {
        results.embedding = embedding_of(outputs, image);
        return;
    }
    setup_.model->task->decode(outputs, image, decode_args_, letterbox, results);
    results.speed.postprocess = watch.elapsed_ms();
}

void BatchRunner::decode_second(const tensors::Outputs& outputs, std::size_t image,
                                const vision::LetterboxGeometry& letterbox, Predicted& item) const {
    if (!setup_.mode.second_iou) return;
    tasks::DecodeArgs args = decode_args_;
    args.iou = *setup_.mode.second_iou;
    setup_.model->task->decode(outputs, image, args, letterbox, item.second.emplace());
}

Predicted BatchRunner::run_single(data::Frame frame) {
    std::vector<data::Frame> frames;
    frames.push_back(std::move(frame));
    Predicted item = std::move(run(std::move(frames)).front());
    if (item.failure) throw Error(*item.failure);
    return item;
}

Results BatchRunner::run_single(const Image& image) {
    const vision::LetterboxGeometry letterbox = geometry(image.size(), setup_.args.rect && setup_.dynamic);
    const runtime::InputShape shape{setup_.dynamic ? 1 : static_cast<int>(setup_.fixed_batch), letterbox.canvas};
    runtime::Session& session = session_for(shape);
    Results results = describe(image, "image0.jpg", shape);
    const base::Stopwatch pre;
    InputTensor input(session.input(shape), shape.batch);
    input.add(*setup_.model->task, image, letterbox);
    input.finish();
    results.speed.preprocess = pre.elapsed_ms();
    const base::Stopwatch inference;
    const tensors::Outputs& outputs = session.infer();
    results.speed.inference = inference.elapsed_ms();
    check(outputs, 1);
    decode(outputs, 0, letterbox, results);
    return results;
}

void BatchRunner::check_raw(std::size_t values, const runtime::InputShape& shape) const {
    const auto fail = [&](const std::string& wanted) {
        throw Error(ErrorCode::ShapeMismatch, "infer",
                    fmt::format("the input is [{}, 3, {}, {}], wanted {}", shape.batch, shape.size.height,
                                shape.size.width, wanted));
    };
    const int stride = stride_of(*setup_.model);
    if (shape.batch < 1 || shape.size.height < 1 || shape.size.width < 1) fail("positive dimensions");
    if (!setup_.dynamic && (shape.batch != static_cast<int>(setup_.fixed_batch) || shape.size != setup_.imgsz))
        fail(fmt::format("[{}, 3, {}, {}], which is fixed", setup_.fixed_batch, setup_.imgsz.height,
                         setup_.imgsz.width));
    if (setup_.dynamic && (shape.size.height % stride != 0 || shape.size.width % stride != 0))
        fail(fmt::format("height and width that are multiples of {}", stride));
    if (shape.size.height > options::kMaxImgszPx || shape.size.width > options::kMaxImgszPx)
        fail(fmt::format("at most {} pixels in each direction", options::kMaxImgszPx));
    constexpr std::size_t kChannels = 3;
    const std::size_t wanted = kChannels * static_cast<std::size_t>(shape.batch) *
                               static_cast<std::size_t>(shape.size.height) * static_cast<std::size_t>(shape.size.width);
    if (values != wanted) {
        throw Error(ErrorCode::ShapeMismatch, "infer",
                    fmt::format("the input holds {} values, wanted {} for [{}, 3, {}, {}]", values, wanted, shape.batch,
                                shape.size.height, shape.size.width));
    }
}

std::vector<Tensor> BatchRunner::infer(std::span<const float> images, const runtime::InputShape& shape) {
    check_raw(images.size(), shape);
    runtime::Session& session = session_for(shape);
    std::ranges::copy(images, session.input(shape).begin());
    std::vector<Tensor> out;
    for (const tensors::OutputTensor& each : session.infer().tensors)
        out.push_back({each.name, each.shape, {each.data.begin(), each.data.end()}});
    return out;
}

std::vector<Predicted> BatchRunner::run(std::vector<data::Frame> frames) {
    const auto failed = [](const data::Frame& frame) { return frame.failure.has_value(); };
    if (std::ranges::none_of(frames, failed)) return run_images(std::move(frames));
    std::vector<data::Frame> images;
    for (data::Frame& frame : frames) {
        if (!failed(frame)) images.push_back(std::move(frame));
    }
    std::vector<Predicted> done;
    if (!images.empty()) done = run_images(std::move(images));
    std::vector<Predicted> out;
    std::size_t next = 0;
    for (data::Frame& frame : frames) {
        if (!failed(frame)) {
            out.push_back(std::move(done[next++]));
            continue;
        }
        Results results = describe({}, frame.path, {});
        std::optional<Error> failure = frame.failure;
        out.push_back({std::move(frame), std::move(results), std::move(failure)});
    }
    return out;
}

std::vector<Predicted> BatchRunner::run_images(std::vector<data::Frame> frames) {
    const auto letterboxes = geometries(frames);
    const runtime::InputShape shape = shape_of(letterboxes);
    runtime::Session& session = session_for(shape);
    const auto count = static_cast<double>(frames.size());
    std::vector<Predicted> out;
    out.reserve(frames.size());
    for (data::Frame& frame : frames) {
        Results results = describe(frame.image, frame.path, shape);
        if (frame.kind != data::SourceKind::Image) results.frame = frame.frame;
        out.push_back({std::move(frame), std::move(results), std::nullopt});
    }
    try {
        const base::Stopwatch pre;
        const std::span<float> tensor = session.input(shape);
        InputTensor input(tensor, shape.batch);
        for (std::size_t i = 0; i < out.size(); ++i) input.add(*setup_.model->task, out[i].frame.image, letterboxes[i]);
        input.finish();
        const double pre_ms = pre.elapsed_ms() / count;
        const base::Stopwatch inference;
        const tensors::Outputs& outputs = session.infer();
        const double inference_ms = inference.elapsed_ms() / count;
        check(outputs, out.size());
        if (answered_) answered_(outputs);
        if (maps_) {
            std::vector<Image> maps = maps_->run(args_, shape, tensor, out.size());
            for (std::size_t i = 0; i < out.size(); ++i) out[i].activation_map = std::move(maps[i]);
        }
        for (std::size_t i = 0; i < out.size(); ++i) {
            decode(outputs, i, letterboxes[i], out[i].results);
            decode_second(outputs, i, letterboxes[i], out[i]);
            out[i].results.speed.preprocess = pre_ms;
            out[i].results.speed.inference = inference_ms;
        }
    } catch (const Error& error) {
        if (!concerns_one_batch(error.code())) throw;
        for (Predicted& each : out) each.failure = error;
    }
    return out;
}

}  // namespace yolovino::engine
