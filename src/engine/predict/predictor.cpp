#include "engine/predict/predictor.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "engine/predict/predictions.hpp"
#include "engine/predict/runtime_setup.hpp"

namespace yolovino::engine {

PredictorCore::PredictorCore(std::shared_ptr<const LoadedModel> model, const PredictArgs& args, PredictMode mode)
    : setup_{.model = std::move(model), .args = args, .imgsz = {}, .mode = std::move(mode)} {
    check(setup_.args, setup_.model->info);
    runtime_args_ = engine::runtime_args(*setup_.model, setup_.args.runtime);
    resolve_input_shape(setup_, runtime_args_);
    // With `rect` the shape of a dynamic network follows the image.
    if (!setup_.dynamic || !setup_.args.rect) {
        const int batch = setup_.dynamic ? 1 : static_cast<int>(setup_.fixed_batch);
        setup_.compiled(runtime_args_, {batch, setup_.imgsz});
    }
}

PredictorCore::Lease::Lease(const PredictorCore& owner) : owner_(owner) {
    {
        const std::lock_guard lock(owner_.mutex_);
        if (!owner_.idle_.empty()) {
            runner_ = std::move(owner_.idle_.back());
            owner_.idle_.pop_back();
        }
    }
    if (!runner_) runner_ = std::make_unique<BatchRunner>(owner_.setup_, owner_.runtime_args_, BatchRunner::Loaded());
}

PredictorCore::Lease::~Lease() {
    const std::lock_guard lock(owner_.mutex_);
    try {
        owner_.idle_.push_back(std::move(runner_));
    } catch (const std::bad_alloc&) {
        runner_.reset();  // the next call makes another
    }
}

Results PredictorCore::run(const Image& image) const {
    const Lease runner(*this);
    return runner->run_single(image);
}

Predicted PredictorCore::run(data::Frame frame) const {
    const Lease runner(*this);
    return runner->run_single(std::move(frame));
}

std::size_t PredictorCore::images_per_inference() const {
    return setup_.dynamic ? static_cast<std::size_t>(setup_.args.batch) : setup_.fixed_batch;
}

std::vector<Results> PredictorCore::run(std::span<const ImageView> images) const {
    const Lease runner(*this);
    std::vector<Results> results;
    results.reserve(images.size());
    for (std::size_t first = 0; first < images.size(); first += images_per_inference()) {
        std::vector<data::Frame> frames;
        for (std::size_t i = first; i < std::min(first + images_per_inference(), images.size()); ++i) {
            data::Frame frame;
            frame.image = Image(images[i]);
            frame.path = "image" + std::to_string(i) + ".jpg";
            frames.push_back(std::move(frame));
        }
        for (Predicted& each : runner->run(std::move(frames))) {
            if (each.failure) throw Error(*each.failure);
            results.push_back(std::move(each.results));
        }
    }
    return results;
}

std::vector<Tensor> PredictorCore::infer(std::span<const float> images, const runtime::InputShape& shape) const {
    const Lease runner(*this);
    return runner->infer(images, shape);
}

}  // namespace yolovino::engine
