#include "engine/model/augmented_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "vision/bilinear.hpp"

namespace yolovino::engine {

namespace {

constexpr std::size_t kChannels = 3;
constexpr float kGray = 0.447F;  // beside scaled images

/// One look at an image.
struct Pass {
    double scale = 1;
    bool mirrored = false;
};
constexpr Pass kPasses[] = {{1, false}, {0.83, true}, {0.67, false}};

/// The image itself, which lies in the top left corner of its canvas.
ImageSize scaled(ImageSize size, double scale) {
    return {static_cast<int>(size.height * scale), static_cast<int>(size.width * scale)};
}

ImageSize canvas_of(ImageSize size, double scale, int stride) {
    if (scale == 1) return size;
    const auto steps = [&](int side) { return static_cast<int>(std::ceil(side * scale / stride)) * stride; };
    return {steps(size.height), steps(size.width)};
}

/// Writes one plane as a pass shows it. @param scratch for the mirrored plane
void write_plane(std::span<const float> plane, ImageSize size, const Pass& pass, ImageSize canvas,
                 std::vector<float>& scratch, std::span<float> out) {
    const auto width = static_cast<std::size_t>(size.width);
    const auto row_of = [&](std::span<const float> values, std::size_t y) { return values.subspan(y * width, width); };
    if (pass.mirrored) {
        scratch.resize(plane.size());
        for (std::size_t y = 0; y < static_cast<std::size_t>(size.height); ++y)
            std::ranges::reverse_copy(row_of(plane, y), scratch.begin() + static_cast<std::ptrdiff_t>(y * width));
        plane = scratch;
    }
    const ImageSize inner = scaled(size, pass.scale);
    std::ranges::fill(out, kGray);
    const vision::BilinearResize resize{{size.height, inner.height}, {size.width, inner.width}};
    const vision::Region whole{.top = 0, .left = 0, .height = inner.height, .width = inner.width};
    resize.for_rows(plane, whole, [&](int row, std::span<const float> values) {
        const std::size_t begin = static_cast<std::size_t>(row) * static_cast<std::size_t>(canvas.width);
        std::ranges::copy(values, out.begin() + static_cast<std::ptrdiff_t>(begin));
    });
}

/// The anchors of a pass that count: of the first pass not those of the coarsest map, of the last not those of the
/// finest.
struct Kept {
    std::size_t begin = 0;
    std::size_t end = 0;
};

Kept kept_anchors(std::size_t pass, std::size_t anchors, std::size_t maps) {
    std::size_t parts = 0;
    for (std::size_t i = 0; i < maps; ++i) parts += std::size_t{1} << (2 * i);
    const std::size_t finest = std::size_t{1} << (2 * (maps - 1));
    if (pass == 0) return {0, anchors - anchors / parts};
    if (pass + 1 == std::size(kPasses)) return {anchors / parts * finest, anchors};
    return {0, anchors};
}

class AugmentedSession final : public runtime::Session {
public:
    AugmentedSession(const LoadedModel& model, const runtime::RuntimeArgs& args)
        : model_(model), args_(args), stride_(model.info.strides.back()), maps_(model.info.strides.size()) {
        outputs_.tensors.push_back({.name = "output0", .shape = {}, .data = {}});
    }

    std::span<float> input(const runtime::InputShape& shape) override {
        shape_ = shape;
        input_.resize(static_cast<std::size_t>(shape.batch) * kChannels * area(shape.size));
        return input_;
    }

    const tensors::Outputs& infer() override {
        parts_.resize(std::size(kPasses));
        std::size_t anchors = 0;
        for (std::size_t pass = 0; pass < std::size(kPasses); ++pass) anchors += run(pass);
        join(anchors);
        return outputs_;
    }

private:
    /// What is kept of a pass, [N, rows, anchors].
    struct Part {
        std::size_t anchors = 0;
        std::vector<float> values;
    };

    static std::size_t area(ImageSize size) {
        return static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
    }

    /// Gives the number of anchors that are kept.
    std::size_t run(std::size_t index) {
        const Pass& pass = kPasses[index];
        const ImageSize canvas = canvas_of(shape_.size, pass.scale, stride_);
        const runtime::InputShape shape{shape_.batch, canvas};
        const auto network = model_.compiled(args_, shape);
        std::unique_ptr<runtime::Session>& session = sessions_[network];
        if (!session) session = network->new_session();
        const std::span<float> tensor = session->input(shape);
        if (index == 0) {
            std::ranges::copy(input_, tensor.begin());
        } else {
            const std::size_t planes = static_cast<std::size_t>(shape_.batch) * kChannels;
            for (std::size_t i = 0; i < planes; ++i) {
                write_plane(std::span<const float>(input_).subspan(i * area(shape_.size), area(shape_.size)),
                            shape_.size, pass, canvas, scratch_, tensor.subspan(i * area(canvas), area(canvas)));
            }
        }
        return keep(session->infer().first(), index);
    }

    std::size_t keep(const tensors::OutputTensor& output, std::size_t index) {
        if (output.shape.size() != 3 || output.dimension(1) < 5) {
            throw Error(
                ErrorCode::ShapeMismatch, "predict",
                fmt::format("augment=True takes a column of each anchor, got {}", graph::to_text(output.shape)));
        }
        rows_ = output.dimension(1);
        const std::size_t anchors = output.dimension(2);
        const auto [begin, end] = kept_anchors(index, anchors, maps_);
        Part& part = parts_[index];
        part.anchors = end - begin;
        part.values.clear();
        for (std::size_t line = 0; line < output.dimension(0) * rows_; ++line) {
            const std::span<const float> values = output.data.subspan(line * anchors + begin, part.anchors);
            part.values.insert(part.values.end(), values.begin(), values.end());
            if (line % rows_ < 4) to_whole(std::span(part.values).last(part.anchors), line % rows_, kPasses[index]);
        }
        return part.anchors;
    }

    /// From the pixels of a pass to those of the input. @param row 0 to 3: cx, cy, w, h
    void to_whole(std::span<float> values, std::size_t row, const Pass& pass) const {
        const auto scale = static_cast<float>(pass.scale);
        const auto width = static_cast<float>(shape_.size.width);
        for (float& value : values) {
            value /= scale;
            if (row == 0 && pass.mirrored) value = width - value;
        }
    }

    void join(std::size_t anchors) {
        const auto images = static_cast<std::size_t>(shape_.batch);
        joined_.clear();
        joined_.reserve(images * rows_ * anchors);
        for (std::size_t line = 0; line < images * rows_; ++line) {
            for (const Part& part : parts_) {
                const auto values = std::span<const float>(part.values).subspan(line * part.anchors, part.anchors);
                joined_.insert(joined_.end(), values.begin(), values.end());
            }
        }
        const auto dim = [](std::size_t count) { return static_cast<std::int64_t>(count); };
        outputs_.tensors.front().shape = {dim(images), dim(rows_), dim(anchors)};
        outputs_.tensors.front().data = joined_;
    }

    const LoadedModel& model_;
    const runtime::RuntimeArgs args_;
    const int stride_;
    const std::size_t maps_;
    runtime::InputShape shape_;
    std::vector<float> input_;
    std::vector<float> scratch_;
    std::size_t rows_ = 0;
    std::vector<Part> parts_;
    std::vector<float> joined_;
    std::map<std::shared_ptr<runtime::CompiledNetwork>, std::unique_ptr<runtime::Session>> sessions_;
    tensors::Outputs outputs_;
};

/// Sessions that see any shape; what it says of itself is that of the network at the first one.
class AugmentedCompiled final : public runtime::CompiledNetwork {
public:
    AugmentedCompiled(const LoadedModel& model, const runtime::RuntimeArgs& args,
                      std::shared_ptr<runtime::CompiledNetwork> first)
        : model_(model), args_(args), first_(std::move(first)) {}

    std::unique_ptr<runtime::Session> new_session() override {
        return std::make_unique<AugmentedSession>(model_, args_);
    }
    std::string describe() override { return first_->describe(); }
    std::string precision() override { return first_->precision(); }
    std::string mode() override { return first_->mode(); }
    std::size_t optimal_requests() override { return first_->optimal_requests(); }
    std::vector<LayerPrecision> layers() override { return first_->layers(); }

private:
    const LoadedModel& model_;
    const runtime::RuntimeArgs args_;
    std::shared_ptr<runtime::CompiledNetwork> first_;
};

}  // namespace

std::shared_ptr<runtime::CompiledNetwork> AugmentedNetwork::compiled(const runtime::RuntimeArgs& args,
                                                                     const runtime::InputShape& shape) {
    const std::lock_guard lock(mutex_);
    auto& entry = compiled_[args];
    if (!entry) entry = std::make_shared<AugmentedCompiled>(model_, args, model_.compiled(args, shape));
    return entry;
}

bool can_augment(const LoadedModel& model) {
    constexpr std::size_t kMostMaps = 8;
    const tasks::TaskTraits& traits = model.task->traits();
    std::string reason;
    if (!model.checkpoint) {
        reason = "an export sees each image at one scale, give a checkpoint (.pt)";
    } else if (!traits.only_boxes || model.info.head != traits.heads.front()) {
        reason = fmt::format("the head {} predicts at one scale", model.info.head);
    } else if (model.info.end2end) {
        reason = "the network chooses boxes itself (nms=False)";
    } else if (model.info.strides.size() > kMostMaps) {
        reason = fmt::format("the head takes {} feature maps", model.info.strides.size());
    }
    if (!reason.empty()) base::warn("augment=True is ignored, as in Ultralytics: {}", reason);
    return reason.empty();
}

}  // namespace yolovino::engine
