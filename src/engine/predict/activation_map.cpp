#include "engine/predict/activation_map.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/model/runtimes.hpp"
#include "nets/network.hpp"
#include "vision/bilinear.hpp"
#include "vision/heat_map.hpp"

namespace yolovino::engine {

namespace {

constexpr std::size_t kMostObjects = 16;  // each costs a way back through the head
constexpr float kLeastPeak = 1e-7F;

/// The best class of one cell.
struct Candidate {
    float logit = 0;
    std::size_t branch = 0;
    std::size_t cls = 0;
    int y = 0;
    int x = 0;
};

/// Where a branch stands in the outputs of the network.
struct BranchOutput {
    std::span<const float> features;
    std::span<const float> logits;
    ImageSize map;    ///< of the features
    ImageSize cells;  ///< of the logits
    std::size_t classes = 0;
};

ImageSize size_of(const tensors::OutputTensor& tensor) {
    return {static_cast<int>(tensor.shape[2]), static_cast<int>(tensor.shape[3])};
}

std::vector<BranchOutput> branch_outputs(const tensors::Outputs& outputs, std::size_t image) {
    std::vector<BranchOutput> all;
    for (std::size_t i = 0; i + 1 < outputs.tensors.size(); i += 2) {
        const tensors::OutputTensor& features = outputs.tensors[i];
        const tensors::OutputTensor& logits = outputs.tensors[i + 1];
        if (features.shape.size() != 4 || logits.shape.size() != 4)
            throw Error(ErrorCode::ShapeMismatch, "predict", "visualize=True takes features of the form [N, C, H, W]");
        all.push_back(
            {features.image(image), logits.image(image), size_of(features), size_of(logits), logits.dimension(1)});
    }
    return all;
}

bool is_wanted(const std::optional<std::vector<int>>& classes, std::size_t cls) {
    return !classes || std::ranges::find(*classes, static_cast<int>(cls)) != classes->end();
}

/// The best class of every cell, the strongest first. Of a list of classes that are all unknown, every class counts.
std::vector<Candidate> candidates_of(const std::vector<BranchOutput>& branches, const PredictArgs& args) {
    std::vector<Candidate> all;
    for (std::size_t b = 0; b < branches.size(); ++b) {
        const BranchOutput& branch = branches[b];
        const std::size_t cells =
            static_cast<std::size_t>(branch.cells.height) * static_cast<std::size_t>(branch.cells.width);
        for (std::size_t cell = 0; cell < cells; ++cell) {
            Candidate best{.logit = -std::numeric_limits<float>::infinity(), .branch = b};
            bool any = false;
            for (std::size_t cls = 0; cls < branch.classes; ++cls) {
                const float logit = branch.logits[cls * cells + cell];
                if (!is_wanted(args.classes, cls) || (any && !(logit > best.logit))) continue;
                best.logit = logit;
                best.cls = cls;
                any = true;
            }
            best.y = static_cast<int>(cell) / branch.cells.width;
            best.x = static_cast<int>(cell) % branch.cells.width;
            if (any) all.push_back(best);
        }
    }
    std::ranges::stable_sort(all, std::greater{}, &Candidate::logit);
    return all;
}

/// Those that are shown.
void keep_strongest(std::vector<Candidate>& candidates, double conf) {
    const auto limit = static_cast<float>(conf);
    const auto is_weak = [&](const Candidate& each) { return !(1 / (1 + std::exp(-each.logit)) >= limit); };
    const auto weak = std::ranges::find_if(candidates, is_weak);
    const auto count = static_cast<std::size_t>(std::max<std::ptrdiff_t>(weak - candidates.begin(), 1));
    if (count > kMostObjects) base::warn("visualize=True shows the {} strongest of {} candidates", kMostObjects, count);
    candidates.resize(std::min({count, kMostObjects, candidates.size()}));
}

/// The features that raise the score, over the whole map: what the cell does not see is zero.
std::vector<float> weighted(const BranchOutput& branch, const Patch& gradient) {
    const auto width = static_cast<std::size_t>(branch.map.width);
    const std::size_t cells = static_cast<std::size_t>(branch.map.height) * width;
    std::vector<float> map(cells);
    const vision::Region& r = gradient.region;
    for (int y = std::max(r.top, 0); y < std::min(r.top + r.height, branch.map.height); ++y) {
        for (int x = std::max(r.left, 0); x < std::min(r.left + r.width, branch.map.width); ++x) {
            const std::size_t cell = static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x);
            float sum = 0;
            for (std::size_t c = 0; c < gradient.channels; ++c)
                sum += std::max(gradient.row(c, y)[x - r.left], 0.0F) * branch.features[c * cells + cell];
            map[cell] = std::max(sum, 0.0F);
        }
    }
    return map;
}

/// Raises `total` to the map, enlarged and divided by its peak.
void raise(std::vector<float>& total, const std::vector<float>& map, ImageSize from, ImageSize to) {
    const vision::BilinearResize resize{{from.height, to.height}, {from.width, to.width}};
    std::vector<float> enlarged(total.size());
    resize.for_rows(map, {0, 0, to.height, to.width}, [&](int row, std::span<const float> values) {
        std::ranges::copy(values, enlarged.begin() + static_cast<std::ptrdiff_t>(row) * to.width);
    });
    const float peak = std::max(std::ranges::max(enlarged), kLeastPeak);
    for (std::size_t i = 0; i < total.size(); ++i) total[i] = std::max(total[i], enlarged[i] / peak);
}

}  // namespace

ActivationMaps::ActivationMaps(const LoadedModel& model, Runtime runtime)
    : graph_(nets::build_network(*model.checkpoint, nets::InputShape::dynamic(), {.branch = model.head.branch}).graph),
      branches_(nets::class_branches(graph_)) {
    for (const nets::ClassBranch& branch : branches_) gradients_.emplace_back(graph_, branch);
    network_ = load_graph(nets::class_branch_outputs(graph_, branches_), runtime);
}

std::vector<Image> ActivationMaps::Runner::run(const runtime::RuntimeArgs& runtime, const runtime::InputShape& shape,
                                               std::span<const float> input, std::size_t images) {
    {
        const std::lock_guard lock(maps_.mutex_);
        const auto compiled = maps_.compiled_.get(*maps_.network_, runtime, shape);
        if (compiled != compiled_) session_ = compiled->new_session();
        compiled_ = compiled;
    }
    std::ranges::copy(input, session_->input(shape).begin());
    const tensors::Outputs& outputs = session_->infer();
    const std::size_t elements = input.size() / static_cast<std::size_t>(shape.batch);
    std::vector<Image> shown;
    for (std::size_t i = 0; i < images; ++i)
        shown.push_back(
            vision::heat_map(input.subspan(i * elements, elements), map_of(outputs, i, shape.size), shape.size));
    return shown;
}

std::vector<float> ActivationMaps::Runner::map_of(const tensors::Outputs& outputs, std::size_t image,
                                                  ImageSize size) const {
    const std::vector<BranchOutput> branches = branch_outputs(outputs, image);
    std::vector<Candidate> candidates = candidates_of(branches, args_);
    keep_strongest(candidates, args_.conf);
    std::vector<float> total(static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width));
    for (const Candidate& each : candidates) {
        const BranchOutput& branch = branches[each.branch];
        const Patch gradient =
            maps_.gradients_.at(each.branch).of(branch.features, branch.map, each.cls, each.y, each.x);
        raise(total, weighted(branch, gradient), branch.map, size);
    }
    return total;
}

bool can_visualize(const LoadedModel& model, const PredictArgs& args) {
    std::string reason;
    if (!model.checkpoint) reason = "an export gives the results of its last layer only, give a checkpoint (.pt)";
    if (args.embed) reason = "embed finds nothing that it could show";
    if (args.augment) reason = "augment=True has several inputs";
    if (!reason.empty()) base::warn("visualize=True is ignored, as in Ultralytics: {}", reason);
    return reason.empty();
}

}  // namespace yolovino::engine
