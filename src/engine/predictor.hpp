#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/source.hpp"
#include "engine/model_state.hpp"
#include "engine/result_saver.hpp"
#include "runtime/session.hpp"
#include "vision/letterbox.hpp"

namespace yolovino {

namespace engine {
/// @throws Error InvalidArgument naming the argument
void check(const PredictArgs& args, const ModelInfo& info);
}  // namespace engine

/// Source → letterbox → network → suppression → results → files and lines, a batch at a time.
class Predictions::Impl {
public:
    Impl(std::shared_ptr<const Model::State> model, const std::string& source, PredictArgs args);
    Impl(std::shared_ptr<const Model::State> model, Image image, PredictArgs args);

    /// Steps to the next result; false at the end, when the summary has been logged.
    bool advance();
    Results* current() noexcept { return current_ ? &*current_ : nullptr; }
    /// The result of the single picture from memory.
    Results only();

private:
    struct Item {
        data::Frame frame;
        Results results;
    };

    void prepare();
    bool run_batch();
    std::vector<vision::LetterboxGeometry> geometries(const std::vector<data::Frame>& frames) const;
    runtime::InputShape input_shape(const std::vector<vision::LetterboxGeometry>& geometries) const;
    runtime::Session& session_for(const runtime::InputShape& shape);
    void finish(const Item& item, std::size_t index);
    void log_summary();

    std::shared_ptr<const Model::State> model_;
    PredictArgs args_;
    runtime::RuntimeArgs runtime_args_;
    std::unique_ptr<data::FrameSource> source_;
    ImageSize imgsz_;
    std::size_t batch_ = 1;
    bool dynamic_ = false;
    bool loaded_line_done_ = false;

    std::shared_ptr<runtime::CompiledNetwork> network_;
    std::unique_ptr<runtime::Session> session_;
    std::optional<runtime::InputShape> shape_;

    std::unique_ptr<engine::ResultSaver> saver_;
    std::deque<Item> ready_;
    std::size_t ready_index_ = 0;
    std::optional<Results> current_;
    bool stopped_ = false;
    std::size_t seen_ = 0;
    Speed total_;
};

}  // namespace yolovino
