#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "yolovino/error.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/results.hpp"
#include "yolovino/tensor.hpp"

#include "data/frame.hpp"
#include "engine/model/loaded_model.hpp"
#include "engine/model/network_variant.hpp"
#include "engine/predict/activation_map.hpp"
#include "runtime/session.hpp"
#include "tasks/decode_args.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::engine {

struct Predicted;

/// What another mode makes of the results before they are written. Called for one result at a time, in the order of the
/// source.
class ResultStep {
public:
    virtual ~ResultStep() = default;
    virtual void apply(Predicted& item) = 0;
};

/// What a mode adds to a prediction.
struct PredictMode {
    std::string name = "predict";      ///< of run folders
    std::shared_ptr<ResultStep> step;  ///< null: results stay as they are
    /// Overlap of a second suppression, whose results the step gets, too; unset: there is none.
    std::optional<double> second_iou = {};
};

/// What a prediction is made with; the same for all of its images.
struct PredictSetup {
    /// As LoadedModel::compiled, of what is to run.
    std::shared_ptr<runtime::CompiledNetwork> compiled(const runtime::RuntimeArgs& runtime,
                                                       const runtime::InputShape& shape) const;
    bool embeds() const { return args.embed.has_value(); }

    std::shared_ptr<const LoadedModel> model;
    PredictArgs args;
    ImageSize imgsz;              ///< of the network's input, or the limit of it where that is dynamic
    bool dynamic = false;         ///< whether the network's shape is dynamic
    std::size_t fixed_batch = 1;  ///< of a network whose shape is not
    std::shared_ptr<ActivationMaps> maps = nullptr;     ///< what is drawn beside the results; may be null
    std::shared_ptr<NetworkVariant> variant = nullptr;  ///< runs instead of the model's network; may be null
    PredictMode mode = {};
};

/// Completes what the network decides: size, batch, and whether they are dynamic. The network is built.
/// @throws Error as LoadedNetwork::ready
void resolve_input_shape(PredictSetup& setup, const runtime::RuntimeArgs& args);

/// An image and what became of it.
struct Predicted {
    data::Frame frame;
    Results results;
    std::optional<Error> failure;        ///< why there are no results
    std::optional<Results> second = {};  ///< with `PredictMode::second_iou`: boxes alone
    Image activation_map = {};           ///< what `visualize` shows; may be empty
};

/// Letterbox → network → boxes, a batch at a time. Used by one thread.
class BatchRunner {
public:
    using Loaded = std::function<void(runtime::CompiledNetwork&)>;
    using Answered = std::function<void(const tensors::Outputs&)>;

    /// @param loaded is called with each network before it runs for the first time; may be empty
    /// @param answered is called with the output of each batch, which is valid until the next one; may be empty
    BatchRunner(const PredictSetup& setup, runtime::RuntimeArgs args, Loaded loaded, Answered answered = {});

    /// A frame without an image and an image that the network fails on carry the failure. @throws Error for what
    /// concerns all images
    std::vector<Predicted> run(std::vector<data::Frame> frames);

    /// One image from memory. Once warm, nothing is allocated but the result. @throws Error also where this image fails
    Results run_single(const Image& image);
    /// The same with what the mode asks for besides.
    Predicted run_single(data::Frame frame);

    /// What the network gives for a tensor `[N, 3, height, width]` as it is.
    /// @throws Error ShapeMismatch if the network does not take this shape or there is another number of values
    std::vector<Tensor> infer(std::span<const float> images, const runtime::InputShape& shape);

    /// The shape in which the network would take these frames, those without an image left out.
    runtime::InputShape shape_of(const std::vector<data::Frame>& frames) const;

private:
    std::vector<Predicted> run_images(std::vector<data::Frame> frames);
    /// A session that ran a shape before; it belongs to `sessions_`.
    struct Recent {
        runtime::InputShape shape;
        runtime::Session* session = nullptr;
    };

    vision::LetterboxGeometry geometry(ImageSize image, bool minimal) const;
    void check(const tensors::Outputs& outputs, std::size_t images) const;
    void check_raw(std::size_t values, const runtime::InputShape& shape) const;
    void decode(const tensors::Outputs& outputs, std::size_t image, const vision::LetterboxGeometry& letterbox,
                Results& results) const;
    void decode_second(const tensors::Outputs& outputs, std::size_t image, const vision::LetterboxGeometry& letterbox,
                       Predicted& item) const;
    std::vector<vision::LetterboxGeometry> geometries(const std::vector<data::Frame>& frames) const;
    runtime::InputShape shape_of(const std::vector<vision::LetterboxGeometry>& letterboxes) const;
    runtime::Session& session_for(const runtime::InputShape& shape);
    Results describe(const Image& image, const std::string& path, const runtime::InputShape& shape) const;

    const PredictSetup& setup_;
    const runtime::RuntimeArgs args_;
    const tasks::DecodeArgs decode_args_;
    const Loaded loaded_;
    const Answered answered_;
    /// One for each network that a source with images of several shapes needs.
    std::map<std::shared_ptr<runtime::CompiledNetwork>, std::unique_ptr<runtime::Session>> sessions_;
    std::vector<Recent> recent_;
    std::optional<ActivationMaps::Runner> maps_;
};

}  // namespace yolovino::engine
