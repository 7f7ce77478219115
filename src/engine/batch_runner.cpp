#include "engine/batch_runner.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/image_size.hpp"
#include "tasks/detect.hpp"

namespace yolovino::engine {

namespace {

constexpr int kMinStride = 32;

int stride_of(const ModelInfo& info) {
    return std::max(info.strides.back(), kMinStride);
}

/// Errors of a single inference; all others would come back with every picture.
bool concerns_one_batch(ErrorCode code) {
    return code == ErrorCode::RuntimeFailure || code == ErrorCode::LimitExceeded;
}

/// Writes the pictures into the network's input, side by side.
void fill(std::span<float> tensor, int batch, const std::vector<Predicted>& pictures,
          const std::vector<vision::LetterboxGeometry>& geometries) {
    if (pictures.size() > static_cast<std::size_t>(batch)) {
        throw Error(ErrorCode::ShapeMismatch, "predict",
                    fmt::format("the source gave {} pictures, wanted at most {}", pictures.size(), batch));
    }
    const std::size_t elements = tensor.size() / static_cast<std::size_t>(batch);
    for (std::size_t i = 0; i < pictures.size(); ++i)
        vision::letterbox_to_tensor(pictures[i].frame.image, geometries[i], tensor.subspan(i * elements, elements));
    // A static network takes whole batches only; the rest of the last one must not hold numbers of the one before.
    std::fill(tensor.begin() + static_cast<std::ptrdiff_t>(pictures.size() * elements), tensor.end(), 0.0F);
}

}  // namespace

void settle(PredictSetup& setup, const runtime::RuntimeArgs& runtime) {
    const PredictArgs& args = setup.args;
    const ModelInfo& info = setup.model->info;
    runtime::LoadedNetwork& network = setup.model->network(runtime.runtime);
    network.ready(runtime);
    setup.dynamic = network.dynamic();
    const runtime::InputShape fixed = network.shape();
    if (setup.dynamic || fixed.size.height == 0) {
        setup.imgsz =
            round_up_to_stride(args.imgsz.value_or(info.imgsz.height > 0 ? info.imgsz : kUsualSize), stride_of(info));
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
    : setup_(setup), args_(std::move(args)), loaded_(std::move(loaded)), answered_(std::move(answered)) {}

std::vector<vision::LetterboxGeometry> BatchRunner::geometries(const std::vector<data::Frame>& frames) const {
    const bool same = std::all_of(frames.begin(), frames.end(), [&](const data::Frame& frame) {
        return frame.image.size() == frames.front().image.size();
    });
    const bool minimal = same && setup_.args.rect && setup_.dynamic;
    std::vector<vision::LetterboxGeometry> out;
    out.reserve(frames.size());
    for (const data::Frame& frame : frames) {
        out.push_back(minimal ? vision::LetterboxGeometry::fit_minimal(frame.image.size(), setup_.imgsz,
                                                                       stride_of(setup_.model->info))
                              : vision::LetterboxGeometry::fit(frame.image.size(), setup_.imgsz));
    }
    return out;
}

runtime::InputShape BatchRunner::shape_of(const std::vector<data::Frame>& frames) const {
    return shape_of(geometries(frames));
}

runtime::InputShape BatchRunner::shape_of(const std::vector<vision::LetterboxGeometry>& letterboxes) const {
    return {static_cast<int>(setup_.dynamic ? letterboxes.size() : setup_.fixed_batch), letterboxes.front().canvas};
}

runtime::Session& BatchRunner::session_for(const runtime::InputShape& shape) {
    const auto network = setup_.model->compiled(args_, shape);
    std::unique_ptr<runtime::Session>& session = sessions_[network];
    if (!session) {
        session = network->new_session();
        if (loaded_) loaded_(*network);
    }
    return *session;
}

void BatchRunner::expect_shape(const runtime::RawOutput& raw, std::size_t frames) const {
    const std::size_t rows = setup_.model->info.names.size() + 4;
    // Names that stand for no class do no harm: those that are made up without metadata, or that a file has too many.
    const bool fits = raw.rows > 4 && raw.rows <= rows;
    if (raw.batch >= frames && fits) return;
    throw Error(ErrorCode::ShapeMismatch, "predict",
                fmt::format("the network gave [{}, {}, {}], wanted [{}, {}, anchors]", raw.batch, raw.rows, raw.anchors,
                            frames, rows));
}

Results BatchRunner::describe(const data::Frame& frame, const runtime::InputShape& shape) const {
    Results results;
    results.orig_img = frame.image;
    results.orig_shape = frame.image.size();
    results.input_shape = shape.size;
    results.path = frame.path;
    if (frame.kind != data::SourceKind::Image) results.frame = frame.frame;
    results.names = setup_.model->names;
    return results;
}

std::vector<Predicted> BatchRunner::run(std::vector<data::Frame> frames) {
    const auto letterboxes = geometries(frames);
    const runtime::InputShape shape = shape_of(letterboxes);
    runtime::Session& session = session_for(shape);
    const auto count = static_cast<double>(frames.size());
    std::vector<Predicted> out;
    out.reserve(frames.size());
    for (data::Frame& frame : frames) {
        Results results = describe(frame, shape);
        out.push_back({std::move(frame), std::move(results), std::nullopt});
    }
    try {
        const base::Stopwatch pre;
        fill(session.input(shape), shape.batch, out, letterboxes);
        const double pre_ms = pre.elapsed_ms() / count;
        const base::Stopwatch inference;
        const runtime::RawOutput raw = session.infer();
        const double inference_ms = inference.elapsed_ms() / count;
        expect_shape(raw, out.size());
        if (answered_) answered_(raw);
        const PredictArgs& args = setup_.args;
        const tasks::DetectArgs wanted{args.conf, args.iou, args.max_det, args.agnostic_nms, args.classes};
        for (std::size_t i = 0; i < out.size(); ++i) {
            const base::Stopwatch post;
            Results& results = out[i].results;
            results.boxes = tasks::detect(raw.image(i), raw.rows, raw.anchors, wanted, letterboxes[i]);
            results.speed = {pre_ms, inference_ms, post.elapsed_ms()};
        }
    } catch (const Error& error) {
        if (!concerns_one_batch(error.code())) throw;
        for (Predicted& each : out) each.failure = error;
    }
    return out;
}

}  // namespace yolovino::engine
