#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "yolovino/image.hpp"
#include "yolovino/log.hpp"
#include "yolovino/predictions.hpp"
#include "yolovino/results.hpp"
#include "yolovino/tensor.hpp"
#include "yolovino/types.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

namespace engine {
class PredictorCore;
}

/// A model made ready for one set of options, for programs that predict again and again: `Model::predictor` makes it.
///
/// Options are checked, the device is looked up, and the network is compiled once. Inference requests are kept and used
/// again. Any number of threads may use one predictor at the same time; copies are cheap and share everything.
class YOLOVINO_API Predictor {
public:
    /// Predicts on pixels from memory, which are copied into the result. Writes no files, whatever the options say.
    /// @throws Error InvalidArgument, LimitExceeded, DeviceUnavailable, RuntimeFailure, ShapeMismatch
    Results operator()(const ImageView& image, const CallSinks& sinks = {}) const;

    /// Predicts on an encoded image (JPEG, PNG, …) from memory.
    /// @throws Error UnsupportedFile, CorruptFile, LimitExceeded, MissingComponent, DeviceUnavailable, RuntimeFailure,
    /// ShapeMismatch
    Results operator()(std::span<const std::byte> encoded, const CallSinks& sinks = {}) const;

    /// Predicts on several images, `PredictArgs::batch` of them (or as many as a fixed network takes) in each
    /// inference. The results come in the order of the images. @throws Error as for one image, for the first image that
    /// fails
    std::vector<Results> run(std::span<const ImageView> images, const CallSinks& sinks = {}) const;

    /// Predicts on a file, folder, glob, list, video, URL, stream, or camera, as `Model::predict` does, and writes what
    /// the options ask for.
    /// @param source as `Model::predict` takes it
    /// @param sinks are kept until the predictions are destroyed
    /// @throws Error InvalidArgument, NotFound, IoFailure, UnsupportedFile, DeviceUnavailable, RuntimeFailure,
    /// NetworkFailure, MissingComponent, CorruptFile, ShapeMismatch
    Predictions stream(const std::string& source, const CallSinks& sinks = {}) const;

    /// Runs the network on tensors as they are: no letterbox, no suppression, nothing is scaled back.
    /// @param images `[batch, 3, size.height, size.width]`, f32, RGB, 0 to 1
    /// @return all outputs of the network, in its order, copied
    /// @throws Error ShapeMismatch if the network does not take this shape or `images` has another number of values,
    /// LimitExceeded, DeviceUnavailable, RuntimeFailure
    std::vector<Tensor> infer(std::span<const float> images, int batch, ImageSize size) const;

private:
    friend class Model;
    explicit Predictor(std::shared_ptr<const engine::PredictorCore> core);

    std::shared_ptr<const engine::PredictorCore> core_;
};

}  // namespace yolovino
