#include "writers/torchscript/rows.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <string_view>
#include <utility>
#include <variant>

#include "graph/rows.hpp"

namespace yolovino::writers::torchscript {

namespace {

constexpr std::string_view kFloat = "6";  // as TorchScript spells torch.float32, and the next torch.int64
constexpr std::string_view kLong = "4";

std::string literal(float value) {
    std::string text = fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += '.';
    return text;
}

/// The operators of graph/rows.hpp; an index is int64.
class Ops {
public:
    using Tensor = std::string;

    Ops(const graph::Graph& graph, const graph::Node& node, const Script& script, std::string on)
        : graph_(graph), node_(node), script_(script), on_(std::move(on)) {}

    Tensor number(float value) {
        return define("torch.tensor({}, dtype={}, device=ops.prim.device({}))", literal(value), kFloat, on_);
    }
    Tensor ranks(std::int64_t count) {
        return define("torch.reshape(torch.arange({}, {}), [1, 1, -1])", count, options(kFloat));
    }
    Tensor add(const Tensor& a, const Tensor& b) { return define("torch.add({}, {})", a, b); }
    Tensor sub(const Tensor& a, const Tensor& b) { return define("torch.sub({}, {})", a, b); }
    Tensor mul(const Tensor& a, const Tensor& b) { return define("torch.mul({}, {})", a, b); }
    Tensor div(const Tensor& a, const Tensor& b) { return define("torch.div({}, {})", a, b); }
    Tensor maximum(const Tensor& a, float least) { return define("torch.clamp_min({}, {})", a, literal(least)); }
    Tensor minimum(const Tensor& a, float most) { return define("torch.clamp_max({}, {})", a, literal(most)); }
    Tensor sine(const Tensor& a) { return define("torch.sin({})", a); }
    Tensor cosine(const Tensor& a) { return define("torch.cos({})", a); }
    Tensor exponential(const Tensor& a) { return define("torch.exp({})", a); }
    Tensor logarithm(const Tensor& a) { return define("torch.log({})", a); }
    Tensor square_root(const Tensor& a) { return define("torch.sqrt({})", a); }

    Tensor transposed(const Tensor& a) { return define("torch.transpose({}, 1, 2)", a); }
    Tensor joined(const std::vector<Tensor>& parts, std::int64_t axis) {
        return define("torch.cat([{}], {})", fmt::join(parts, ", "), axis);
    }
    Tensor slice(const Tensor& a, std::int64_t begin, std::int64_t end) {
        return define("torch.slice({}, 2, {}, {})", a, begin, end);
    }
    Tensor padded(const Tensor& a, std::int64_t count) {
        return define("torch.constant_pad_nd({}, [0, {}])", a, count);
    }
    Tensor column(const Tensor& a) { return define("torch.unsqueeze({}, 2)", a); }
    Tensor row(const Tensor& a) { return define("torch.unsqueeze({}, 1)", a); }
    Tensor flat(const Tensor& a) { return define("torch.flatten({}, 1)", a); }

    Tensor above(const Tensor& a, float limit) { return as_float(define("torch.gt({}, {})", a, literal(limit))); }
    Tensor sum(const Tensor& a) { return define("torch.sum({}, [1])", a); }
    Tensor highest_score(const Tensor& a) { return define("torch.amax({}, [1])", a); }
    std::pair<Tensor, Tensor> highest(const Tensor& a) { return define_both("torch.max({}, 1)", a); }
    std::pair<Tensor, Tensor> top(const Tensor& a, std::int64_t count) {
        return define_both("torch.topk({}, {}, 1)", a, count);
    }
    Tensor gather(const Tensor& a, const Tensor& index, std::int64_t width) {
        return define("torch.gather({}, 1, torch.expand(torch.unsqueeze({}, 2), [-1, -1, {}]))", a, index, width);
    }
    Tensor gather_index(const Tensor& index, const Tensor& at) { return define("torch.gather({}, 1, {})", index, at); }
    Tensor remainder(const Tensor& index, std::int64_t by) { return define("torch.remainder({}, {})", index, by); }
    Tensor quotient(const Tensor& index, std::int64_t by) { return define("torch.floor_divide({}, {})", index, by); }
    Tensor as_float(const Tensor& a) { return define("torch.to({}, {}, False, False, None)", a, kFloat); }

    Tensor longest_side(const Tensor& images) {
        const graph::Shape& shape = graph_.shape(node_.inputs.at(2));
        if (shape[2] != graph::kDynamic && shape[3] != graph::kDynamic)
            return number(static_cast<float>(std::max(shape[2], shape[3])));
        return define(
            "torch.tensor(max(torch.size({0}, 2), torch.size({0}, 3)), dtype={1}, device=ops.prim.device({0}))", images,
            kFloat);
    }

    Tensor unsuppressed(const Tensor& corners, const Tensor& scores, const graph::op::SuppressedRows& wanted) {
        const Tensor kept = define("torch.zeros_like({})", scores);
        const Tensor image = next();
        line("for {} in range(torch.size({}, 0)):", image, scores);
        indent_ += 2;
        const Tensor own = define("torch.select({}, 0, {})", scores, image);
        const Tensor found = define("torch.reshape(torch.nonzero(torch.gt({}, {})), [-1])", own, literal(wanted.conf));
        const Tensor order = define("torch.argsort(torch.index_select({}, 0, {}), 0, True)", own, found);
        const Tensor places = define("torch.index_select({}, 0, {})", found, order);
        const Tensor boxes = define("torch.index_select(torch.select({}, 0, {}), 0, {})", corners, image, places);
        const Tensor stay = greedy(boxes, wanted);
        const Tensor all = define("torch.index_select({}, 0, {})", places, stay);
        static_cast<void>(define("torch.index_fill_(torch.select({}, 0, {}), 0, {}, 1.)", kept, image, all));
        indent_ -= 2;
        return kept;
    }

private:
    /// Which of boxes [n, 4] by descending score stay, at most so many: a list of indices.
    Tensor greedy(const Tensor& boxes, const graph::op::SuppressedRows& wanted) {
        const auto side = [&](int i) { return define("torch.select({}, 1, {})", boxes, i); };
        const Tensor x1 = side(0);
        const Tensor y1 = side(1);
        const Tensor x2 = side(2);
        const Tensor y2 = side(3);
        const Tensor area = mul(sub(x2, x1), sub(y2, y1));
        const Tensor left = define("torch.arange(torch.size({}, 0), {})", boxes, options(kLong));
        const Tensor taken = define("[torch.slice({}, 0, 0, 0)]", left);
        line("while (len({}) <= {}) and (torch.size({}, 0) > 0):", taken, wanted.most, left);
        indent_ += 2;
        const Tensor best = define("torch.slice({}, 0, 0, 1)", left);
        line("torch.append({}, {})", taken, best);
        const Tensor rest = define("torch.slice({}, 0, 1)", left);
        const auto of = [&](const Tensor& values, const Tensor& which) {
            return fmt::format("torch.index_select({}, 0, {})", values, which);
        };
        const auto shared = [&](const Tensor& low, const Tensor& high) {
            return define("torch.clamp_min(torch.sub(torch.minimum({}, {}), torch.maximum({}, {})), 0.)",
                          of(high, best), of(high, rest), of(low, best), of(low, rest));
        };
        const Tensor common = mul(shared(x1, x2), shared(y1, y2));
        const Tensor together = define("torch.sub(torch.add({}, {}), {})", of(area, best), of(area, rest), common);
        const Tensor covered = define("torch.gt(torch.div({}, {}), {})", common, together, literal(wanted.iou));
        line("{} = torch.index_select({}, 0, torch.reshape(torch.nonzero(torch.logical_not({})), [-1]))", left, rest,
             covered);
        indent_ -= 2;
        return define("torch.cat({}, 0)", taken);
    }

    std::string options(std::string_view type) const {
        return fmt::format("dtype={}, layout=None, device=ops.prim.device({}), pin_memory=None", type, on_);
    }
    std::string next() { return script_.variable(fmt::format("{}.{}", node_.name, ++count_)); }

    template <typename... Args>
    void line(fmt::format_string<Args...> text, Args&&... args) const {
        script_.line(std::string(indent_, ' ') + fmt::format(text, std::forward<Args>(args)...));
    }
    template <typename... Args>
    Tensor define(fmt::format_string<Args...> text, Args&&... args) {
        std::string name = next();
        script_.line(std::string(indent_, ' ') + name + " = " + fmt::format(text, std::forward<Args>(args)...));
        return name;
    }
    template <typename... Args>
    std::pair<Tensor, Tensor> define_both(fmt::format_string<Args...> text, Args&&... args) {
        std::pair<Tensor, Tensor> names = {next(), next()};
        script_.line(std::string(indent_, ' ') + names.first + ", " + names.second +
                     ", = " + fmt::format(text, std::forward<Args>(args)...));
        return names;
    }

    const graph::Graph& graph_;
    const graph::Node& node_;
    const Script& script_;
    std::string on_;  ///< a tensor on the device
    std::size_t indent_ = 0;
    int count_ = 0;
};

}  // namespace

std::string write_rows(const graph::Graph& graph, const graph::Node& node, const std::vector<std::string>& inputs,
                       const Script& script) {
    Ops ops(graph, node, script, inputs.front());
    graph::RowSelection<Ops> selection(ops, graph::row_sources<std::string>(graph, node, [&](std::size_t i) {
                                           // Pixels and classes are not exact in 16 bits.
                                           return i == 2 ? inputs.at(i) : ops.as_float(inputs.at(i));
                                       }));
    if (const auto* top = std::get_if<graph::op::TopRows>(&node.operation)) return selection.run(*top);
    return selection.run(std::get<graph::op::SuppressedRows>(node.operation));
}

}  // namespace yolovino::writers::torchscript
