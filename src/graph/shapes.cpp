#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "base/fail.hpp"
#include "graph/graph.hpp"

namespace yolovino::graph {

namespace {

constexpr std::int64_t kMaxDim = 1 << 20;  ///< of a feature map, and of what moves over it: nothing wraps below

/// Infers the shapes of one node; its members fail with the node's name.
class Inference {
public:
    Inference(const std::string& name, const char* kind, const std::vector<Shape>& inputs)
        : name_(name), kind_(kind), inputs_(inputs) {}

    std::vector<Shape> operator()(const op::Input& input) const {
        expect_inputs(0);
        return {input.shape};
    }

    std::vector<Shape> operator()(const op::Conv2d& conv) const {
        const Shape& in = feature_map();
        expect_weight(conv.weight, 4);
        const std::int64_t out_channels = conv.weight.shape[0];
        if (conv.groups < 1 || out_channels % conv.groups != 0) {
            fail(fmt::format("{} output channels do not divide into {} groups", out_channels, conv.groups));
        }
        expect_channels(in, conv.weight.shape[1] * conv.groups);
        expect_bias(conv.bias, out_channels);
        Shape out = {in[0], out_channels, 0, 0};
        for (std::size_t i = 0; i < 2; ++i) {
            out[i + 2] =
                window(in[i + 2], conv.weight.shape[i + 2], conv.stride[i], conv.pad[i], conv.dilation[i], false);
        }
        return {out};
    }

    std::vector<Shape> operator()(const op::ConvTranspose2d& conv) const {
        const Shape& in = feature_map();
        expect_weight(conv.weight, 4);
        expect_channels(in, conv.weight.shape[0]);
        expect_bias(conv.bias, conv.weight.shape[1]);
        Shape out = {in[0], conv.weight.shape[1], 0, 0};
        for (std::size_t i = 0; i < 2; ++i) {
            const std::int64_t stride = conv.stride[i];
            const std::int64_t pad = conv.pad[i];
            const std::int64_t more = conv.output_pad[i];
            if (stride < 1 || stride > kMaxDim || pad < 0 || pad > kMaxDim || more < 0 || more >= stride)
                fail(fmt::format("has stride {}, padding {}, output padding {}", stride, pad, more));
            if (in[i + 2] == kDynamic) {
                out[i + 2] = kDynamic;
            } else {
                out[i + 2] = checked_dim((in[i + 2] - 1) * stride - 2 * pad + conv.weight.shape[i + 2] + more);
            }
        }
        return {out};
    }

    std::vector<Shape> operator()(const op::Activation&) const { return same(); }
    std::vector<Shape> operator()(const op::Scale&) const { return same(); }
    std::vector<Shape> operator()(const op::Offset&) const { return same(); }
    std::vector<Shape> operator()(const op::Sine&) const { return same(); }
    std::vector<Shape> operator()(const op::Cosine&) const { return same(); }
    std::vector<Shape> operator()(const op::Softmax&) const { return same(); }
    std::vector<Shape> operator()(const op::Output&) const { return same(); }

    std::vector<Shape> operator()(const op::MaxPool& pool) const {
        const Shape& in = feature_map();
        Shape out = {in[0], in[1], 0, 0};
        for (std::size_t i = 0; i < 2; ++i) {
            out[i + 2] =
                window(in[i + 2], pool.kernel[i], pool.stride[i], pool.pad[i], pool.dilation[i], pool.ceil_mode);
        }
        return {out};
    }

    std::vector<Shape> operator()(const op::AveragePool& pool) const {
        const Shape& in = feature_map();
        Shape out = {in[0], in[1], 0, 0};
        for (std::size_t i = 0; i < 2; ++i) out[i + 2] = window(in[i + 2], pool.kernel[i], pool.stride[i], 0, 1, false);
        return {out};
    }

    std::vector<Shape> operator()(const op::GlobalMean&) const {
        const Shape& in = feature_map();
        return {{in[0], in[1], 1, 1}};
    }

    std::vector<Shape> operator()(const op::Add&) const { return broadcast(); }
    std::vector<Shape> operator()(const op::Subtract&) const { return broadcast(); }
    std::vector<Shape> operator()(const op::Multiply&) const { return broadcast(); }

    std::vector<Shape> operator()(const op::ChannelScale& scale) const {
        const Shape& in = feature_map();
        expect_weight(scale.factors, 1);
        expect_channels(in, scale.factors.shape[0]);
        return {in};
    }

    std::vector<Shape> operator()(const op::MatMul& product) const {
        expect_inputs(2);
        Shape a = inputs_[0];
        Shape b = inputs_[1];
        const std::size_t rank = a.size();
        if (rank < 2 || b.size() != rank) fail_shapes();
        if (product.transpose_a) std::swap(a[rank - 2], a[rank - 1]);
        if (product.transpose_b) std::swap(b[rank - 2], b[rank - 1]);
        const auto differ = [](std::int64_t x, std::int64_t y) { return x != y && x != kDynamic && y != kDynamic; };
        if (differ(a[rank - 1], b[rank - 2])) fail_shapes();
        Shape out = a;
        out[rank - 1] = b[rank - 1];
        for (std::size_t d = 0; d + 2 < rank; ++d) {
            if (differ(a[d], b[d])) fail_shapes();
            out[d] = std::max(a[d], b[d]);
        }
        for (const std::size_t d : {rank - 2, rank - 1})
            if (out[d] != kDynamic) out[d] = checked_dim(out[d]);
        return {out};
    }

    std::vector<Shape> operator()(const op::Concat& concat) const {
        if (inputs_.empty()) fail("has no inputs");
        Shape out = inputs_.front();
        const std::size_t axis = checked_axis(concat.axis, out.size());
        for (std::size_t i = 1; i < inputs_.size(); ++i) {
            const Shape& in = inputs_[i];
            if (in.size() != out.size()) fail_shapes();
            for (std::size_t d = 0; d < out.size(); ++d) {
                if (d == axis) {
                    out[d] = out[d] == kDynamic || in[d] == kDynamic ? kDynamic : out[d] + in[d];
                } else if (out[d] == kDynamic) {
                    out[d] = in[d];
                } else if (in[d] != kDynamic && in[d] != out[d]) {
                    fail_shapes();
                }
            }
        }
        return {out};
    }

    std::vector<Shape> operator()(const op::Split& split) const {
        expect_inputs(1);
        const std::size_t axis = checked_axis(split.axis, inputs_[0].size());
        const std::int64_t sum = std::accumulate(split.sizes.begin(), split.sizes.end(), std::int64_t{0});
        if (inputs_[0][axis] != sum) {
            fail(fmt::format("splits {} into parts of {} in all", to_text(inputs_[0]), sum));
        }
        std::vector<Shape> outs;
        for (const std::int64_t size : split.sizes) {
            outs.push_back(inputs_[0]);
            outs.back()[axis] = size;
        }
        return outs;
    }

    std::vector<Shape> operator()(const op::UpsampleNearest& upsample) const {
        const Shape& in = feature_map();
        Shape out = in;
        for (std::size_t i = 0; i < 2; ++i) {
            if (!(upsample.scale[i] > 0)) fail(fmt::format("scale {}", upsample.scale[i]));
            if (in[i + 2] == kDynamic) continue;
            const double dim = static_cast<double>(in[i + 2]) * upsample.scale[i];
            out[i + 2] = checked_dim(dim > kMaxDim ? kMaxDim + 1 : static_cast<std::int64_t>(dim));
        }
        return {out};
    }

    std::vector<Shape> operator()(const op::Reshape& reshape) const {
        expect_inputs(1);
        const Shape& in = inputs_[0];
        Shape out = reshape.target;
        // Dimensions that are copied (0) cancel against the input's own, so that a dynamic batch does not make the rest
        // unknown.
        std::int64_t rest = 1;
        bool dynamic = false;
        for (std::size_t d = 0; d < in.size(); ++d) {
            if (d < out.size() && out[d] == 0) {
                out[d] = in[d];
            } else if (in[d] == kDynamic) {
                dynamic = true;
            } else {
                rest *= in[d];
            }
        }
        std::int64_t known = 1;
        std::size_t inferred = out.size();
        for (std::size_t d = 0; d < reshape.target.size(); ++d) {
            if (reshape.target[d] > 0) known *= reshape.target[d];
            if (reshape.target[d] == -1) inferred = d;
        }
        if (dynamic) return {out};
        const bool exact = inferred == out.size();
        if (exact ? rest != known : known == 0 || rest % known != 0) {
            fail(fmt::format("cannot reshape {} to {}", to_text(in), to_text(reshape.target)));
        }
        if (!exact) out[inferred] = rest / known;
        return {out};
    }

    std::vector<Shape> operator()(const op::ReshapeLike& reshape) const {
        expect_inputs(2);
        const Shape& in = inputs_[0];
        const Shape& map = inputs_[1];
        if (in.empty() || map.size() != 4) fail_shapes();
        const Shape out = {in[0], reshape.channels, map[2], map[3]};
        const auto rest = [](const Shape& shape) {
            std::int64_t count = 1;
            for (std::size_t d = 1; d < shape.size(); ++d) {
                if (shape[d] == kDynamic) return kDynamic;
                count *= shape[d];
            }
            return count;
        };
        if (rest(in) != kDynamic && rest(out) != kDynamic && rest(in) != rest(out))
            fail(fmt::format("cannot reshape {} to {}", to_text(in), to_text(out)));
        return {out};
    }

    std::vector<Shape> operator()(const op::ResizeLike&) const {
        expect_inputs(2);
        const Shape& in = inputs_[0];
        const Shape& map = inputs_[1];
        if (in.size() != 4 || map.size() != 4) fail_shapes();
        return {{in[0], in[1], map[2], map[3]}};
    }

    std::vector<Shape> operator()(const op::Transpose& transpose) const {
        expect_inputs(1);
        if (transpose.order.size() != inputs_[0].size()) fail_shapes();
        Shape out;
        for (const std::int64_t axis : transpose.order) out.push_back(inputs_[0].at(static_cast<std::size_t>(axis)));
        return {out};
    }

    std::vector<Shape> operator()(const op::AnchorPoints&) const { return {{1, 2, cells()}}; }
    std::vector<Shape> operator()(const op::AnchorStrides& anchors) const {
        if (anchors.strides.size() != inputs_.size()) {
            fail(fmt::format("{} strides for {} feature maps", anchors.strides.size(), inputs_.size()));
        }
        return {{1, 1, cells()}};
    }

    std::vector<Shape> operator()(const op::TopRows& rows) const {
        const std::int64_t anchors = rows_in();
        expect_most(rows.most);
        return {{inputs_[0][0], anchors == kDynamic ? rows.most : std::min(rows.most, anchors), row_width()}};
    }
    std::vector<Shape> operator()(const op::SuppressedRows& rows) const {
        rows_in();
        expect_most(rows.most);
        if (rows.rotated && row_width() < 7) fail("has no angle");
        return {{inputs_[0][0], rows.most, row_width()}};
    }

private:
    /// Checks what boxes are selected from and returns their number.
    std::int64_t rows_in() const {
        if (inputs_.size() != 3 && inputs_.size() != 4)
            fail(fmt::format("has {} inputs, wanted 3 or 4", inputs_.size()));
        const Shape& boxes = inputs_[0];
        if (boxes.size() != 3 || boxes[1] != 4) fail(fmt::format("got boxes {}, wanted [N, 4, A]", to_text(boxes)));
        if (inputs_[2].size() != 4) fail(fmt::format("got {}, wanted images [N, 3, H, W]", to_text(inputs_[2])));
        for (const std::size_t i : {std::size_t{1}, inputs_.size() - 1}) {
            const Shape& in = inputs_[i];
            if (i == 2) continue;
            if (in.size() != 3 || in[0] != boxes[0] || in[1] < 1 || in[2] != boxes[2]) fail_shapes();
        }
        return boxes[2];
    }
    void expect_most(std::int64_t most) const {
        if (most < 1 || most > kMaxDim) fail(fmt::format("gives {} rows", most));
    }
    std::int64_t row_width() const { return 6 + (inputs_.size() == 4 ? inputs_[3][1] : 0); }

    [[noreturn]] void fail(const std::string& message) const {
        throw Error(ErrorCode::ShapeMismatch, "graph", fmt::format("{} {}", kind_, message), {.module_path = name_});
    }
    [[noreturn]] void fail_shapes() const {
        std::string list;
        for (const Shape& shape : inputs_) list += (list.empty() ? "" : " and ") + to_text(shape);
        fail("cannot join " + list);
    }
    void expect_inputs(std::size_t count) const {
        if (inputs_.size() != count) fail(fmt::format("has {} inputs, wanted {}", inputs_.size(), count));
    }
    const Shape& feature_map() const {
        expect_inputs(1);
        if (inputs_[0].size() != 4) fail(fmt::format("got {}, wanted a feature map [N, C, H, W]", to_text(inputs_[0])));
        return inputs_[0];
    }
    void expect_channels(const Shape& in, std::int64_t channels) const {
        if (in[1] != channels) fail(fmt::format("got {} input channels, its weight takes {}", in[1], channels));
    }
    void expect_weight(const Weights& weight, std::size_t rank) const {
        std::int64_t count = 1;
        for (const std::int64_t dim : weight.shape) count *= dim;
        const bool complete = !weight.data || static_cast<std::int64_t>(weight.data->size()) == count;
        if (weight.shape.size() != rank || !complete || count <= 0) {
            fail(fmt::format("has a weight of shape {}, wanted {} dimensions", to_text(weight.shape), rank));
        }
    }
    void expect_bias(const Weights& bias, std::int64_t channels) const {
        if (bias.data && static_cast<std::int64_t>(bias.data->size()) != channels) {
            fail(fmt::format("has a bias of {} values for {} channels", bias.data->size(), channels));
        }
    }
    std::int64_t window(std::int64_t in, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
                        std::int64_t dilation, bool ceil_mode) const {
        const auto outside = [](std::int64_t value, std::int64_t least) { return value < least || value > kMaxDim; };
        if (outside(kernel, 1) || outside(stride, 1) || outside(pad, 0) || outside(dilation, 1)) {
            fail(fmt::format("has kernel {}, stride {}, padding {}, dilation {}", kernel, stride, pad, dilation));
        }
        if (in == kDynamic) return kDynamic;
        const std::int64_t span = in + 2 * pad - dilation * (kernel - 1) - 1;
        if (span < 0) fail(fmt::format("got a dimension of {}, its window of {} does not fit", in, kernel));
        return checked_dim((ceil_mode ? (span + stride - 1) / stride : span / stride) + 1);
    }
    std::int64_t checked_dim(std::int64_t dim) const {
        if (dim < 1 || dim > kMaxDim) fail(fmt::format("gives a dimension of {}", dim));
        return dim;
    }
    std::size_t checked_axis(int axis, std::size_t rank) const {
        if (axis < 0 || static_cast<std::size_t>(axis) >= rank) fail(fmt::format("has axis {} of {}", axis, rank));
        return static_cast<std::size_t>(axis);
    }
    std::vector<Shape> same() const {
        expect_inputs(1);
        return {inputs_[0]};
    }
    std::vector<Shape> broadcast() const {
        expect_inputs(2);
        const Shape& a = inputs_[0];
        const Shape& b = inputs_[1];
        if (a.size() != b.size()) fail_shapes();
        Shape out(a.size());
        for (std::size_t d = 0; d < a.size(); ++d) {
            if (a[d] == b[d] || b[d] == 1) {
                out[d] = a[d];
            } else if (a[d] == 1) {
                out[d] = b[d];
            } else if (a[d] == kDynamic || b[d] == kDynamic) {
                out[d] = std::max(a[d], b[d]);
            } else {
                fail_shapes();
            }
        }
        return {out};
    }
    std::int64_t cells() const {
        if (inputs_.empty()) fail("has no feature maps");
        std::int64_t count = 0;
        for (const Shape& shape : inputs_) {
            if (shape.size() != 4) fail_shapes();
            if (shape[2] == kDynamic || shape[3] == kDynamic) return kDynamic;
            count += shape[2] * shape[3];
        }
        return count;
    }

    const std::string& name_;
    const char* kind_;
    const std::vector<Shape>& inputs_;
};

}  // namespace

std::vector<Shape> infer_shapes(const std::string& name, const Operation& operation, const std::vector<Shape>& inputs) {
    return std::visit(Inference(name, name_of(operation), inputs), operation);
}

}  // namespace yolovino::graph
