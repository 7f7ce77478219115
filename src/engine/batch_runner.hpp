#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "yolovino/args.hpp"
#include "yolovino/error.hpp"
#include "yolovino/results.hpp"

#include "data/source.hpp"
#include "engine/model_state.hpp"
#include "runtime/session.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::engine {

/// What a prediction is made with; the same for all of its pictures.
struct PredictSetup {
    std::shared_ptr<const Model::State> model;
    PredictArgs args;
    ImageSize imgsz;              ///< of the network's input, or the limit of it where that is open
    bool dynamic = false;         ///< whether the network's shape is open
    std::size_t fixed_batch = 1;  ///< of a network whose shape is not
};

/// Completes what the network decides: size, batch, and whether they are open. The network is made ready.
/// @throws Error as LoadedNetwork::ready
void settle(PredictSetup& setup, const runtime::RuntimeArgs& args);

/// A picture and what became of it.
struct Predicted {
    data::Frame frame;
    Results results;
    std::optional<Error> failure;  ///< why there are no results
};

/// Letterbox → network → boxes, a batch at a time. Used by one thread.
class BatchRunner {
public:
    using Loaded = std::function<void(runtime::CompiledNetwork&)>;
    using Answered = std::function<void(const runtime::RawOutput&)>;

    /// @param loaded is called with each network before it runs for the first time; may be empty
    /// @param answered is called with the output of each batch, which is valid until the next one; may be empty
    BatchRunner(const PredictSetup& setup, runtime::RuntimeArgs args, Loaded loaded, Answered answered = {});

    /// A picture that the network fails on carries the failure. @throws Error for what concerns all pictures
    std::vector<Predicted> run(std::vector<data::Frame> frames);

    /// The shape in which the network would take these frames.
    runtime::InputShape shape_of(const std::vector<data::Frame>& frames) const;

private:
    std::vector<vision::LetterboxGeometry> geometries(const std::vector<data::Frame>& frames) const;
    runtime::InputShape shape_of(const std::vector<vision::LetterboxGeometry>& letterboxes) const;
    runtime::Session& session_for(const runtime::InputShape& shape);
    void expect_shape(const runtime::RawOutput& raw, std::size_t frames) const;
    Results describe(const data::Frame& frame, const runtime::InputShape& shape) const;

    const PredictSetup& setup_;
    const runtime::RuntimeArgs args_;
    const Loaded loaded_;
    const Answered answered_;
    /// One for each network that a source with pictures of several shapes needs.
    std::map<std::shared_ptr<runtime::CompiledNetwork>, std::unique_ptr<runtime::Session>> sessions_;
};

}  // namespace yolovino::engine
