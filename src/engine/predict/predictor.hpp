#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "yolovino/image.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/results.hpp"
#include "yolovino/tensor.hpp"

#include "engine/model/loaded_model.hpp"
#include "engine/predict/batch_runner.hpp"
#include "runtime/session.hpp"

namespace yolovino::engine {

/// The implementation of a Predictor. Thread-safe: each call borrows a runner with its inference requests, and puts it
/// back.
class PredictorCore {
public:
    /// @throws Error as Model::predictor
    PredictorCore(std::shared_ptr<const LoadedModel> model, const PredictArgs& args, PredictMode mode = {});

    const PredictSetup& setup() const noexcept { return setup_; }
    const runtime::RuntimeArgs& runtime_args() const noexcept { return runtime_args_; }

    /// @throws Error as Predictor::operator()
    Results run(const Image& image) const;
    /// One image, before a step of the mode. @throws Error as Predictor::operator()
    Predicted run(data::Frame frame) const;
    /// @throws Error as Predictor::run
    std::vector<Results> run(std::span<const ImageView> images) const;
    /// @throws Error as Predictor::infer
    std::vector<Tensor> infer(std::span<const float> images, const runtime::InputShape& shape) const;

private:
    /// A runner for the time of a call.
    class Lease {
    public:
        explicit Lease(const PredictorCore& owner);
        ~Lease();
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        BatchRunner* operator->() const { return runner_.get(); }

    private:
        const PredictorCore& owner_;
        std::unique_ptr<BatchRunner> runner_;
    };

    std::size_t images_per_inference() const;

    PredictSetup setup_;
    runtime::RuntimeArgs runtime_args_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<BatchRunner>> idle_;  ///< as many as there were calls at once
};

}  // namespace yolovino::engine
