#include "runtime/libtorch/module/rows.hpp"

#include <ATen/Functions.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <algorithm>
#include <mutex>
#include <torch/library.h>
#include <utility>
#include <variant>

#include "graph/rows.hpp"

namespace yolovino::runtime::torch_module {

namespace {

/// The operations of graph/rows.hpp.
class Ops {
public:
    using Tensor = at::Tensor;

    Tensor number(float value) { return at::scalar_tensor(value, at::kFloat); }
    Tensor ranks(std::int64_t count) { return at::arange(count, at::kFloat).view({1, 1, count}); }
    Tensor add(const Tensor& a, const Tensor& b) { return at::add(a, b); }
    Tensor sub(const Tensor& a, const Tensor& b) { return at::sub(a, b); }
    Tensor mul(const Tensor& a, const Tensor& b) { return at::mul(a, b); }
    Tensor div(const Tensor& a, const Tensor& b) { return at::div(a, b); }
    Tensor maximum(const Tensor& a, float least) { return at::clamp_min(a, least); }
    Tensor minimum(const Tensor& a, float most) { return at::clamp_max(a, most); }
    Tensor sine(const Tensor& a) { return at::sin(a); }
    Tensor cosine(const Tensor& a) { return at::cos(a); }
    Tensor exponential(const Tensor& a) { return at::exp(a); }
    Tensor logarithm(const Tensor& a) { return at::log(a); }
    Tensor square_root(const Tensor& a) { return at::sqrt(a); }

    Tensor transposed(const Tensor& a) { return at::transpose(a, 1, 2); }
    Tensor joined(const std::vector<Tensor>& parts, std::int64_t axis) { return at::cat(parts, axis); }
    Tensor slice(const Tensor& a, std::int64_t begin, std::int64_t end) { return at::slice(a, 2, begin, end); }
    Tensor padded(const Tensor& a, std::int64_t count) { return at::constant_pad_nd(a, {0, count}); }
    Tensor column(const Tensor& a) { return at::unsqueeze(a, 2); }
    Tensor row(const Tensor& a) { return at::unsqueeze(a, 1); }
    Tensor flat(const Tensor& a) { return at::flatten(a, 1); }

    Tensor above(const Tensor& a, float limit) { return at::gt(a, limit).to(at::kFloat); }
    Tensor sum(const Tensor& a) { return at::sum(a, {1}); }
    Tensor highest_score(const Tensor& a) { return at::amax(a, {1}); }
    std::pair<Tensor, Tensor> highest(const Tensor& a) { return both(at::max(a, 1)); }
    std::pair<Tensor, Tensor> top(const Tensor& a, std::int64_t count) { return both(at::topk(a, count, 1)); }
    Tensor gather(const Tensor& a, const Tensor& index, std::int64_t width) {
        return at::gather(a, 1, at::unsqueeze(index, 2).expand({-1, -1, width}));
    }
    Tensor gather_index(const Tensor& index, const Tensor& at) { return at::gather(index, 1, at); }
    Tensor remainder(const Tensor& index, std::int64_t by) { return at::remainder(index, by); }
    Tensor quotient(const Tensor& index, std::int64_t by) {
        return at::floor_divide(index, at::scalar_tensor(by, at::kLong));
    }
    Tensor as_float(const Tensor& a) { return a.to(at::kFloat); }

    Tensor longest_side(const Tensor& images) {
        return number(static_cast<float>(std::max(images.size(2), images.size(3))));
    }
    Tensor unsuppressed(const Tensor& corners, const Tensor& scores, const graph::op::SuppressedRows& wanted) {
        Tensor kept = at::zeros_like(scores);
        for (std::int64_t image = 0; image < scores.size(0); ++image) {
            const Tensor own = scores[image];
            const Tensor found = at::nonzero(at::gt(own, wanted.conf)).reshape(-1);
            const Tensor stay = greedy_suppression(at::index_select(corners[image], 0, found),
                                                   at::index_select(own, 0, found), static_cast<double>(wanted.iou));
            const Tensor most = at::slice(stay, 0, 0, wanted.most);
            kept[image].index_fill_(0, at::index_select(found, 0, most), 1);
        }
        return kept;
    }

private:
    static std::pair<Tensor, Tensor> both(std::tuple<Tensor, Tensor> pair) {
        return {std::move(std::get<0>(pair)), std::move(std::get<1>(pair))};
    }
};

}  // namespace

at::Tensor select_rows(const graph::Graph& graph, const graph::Node& node, const std::vector<at::Tensor>& inputs) {
    Ops ops;
    graph::RowSelection<Ops> selection(
        ops, graph::row_sources<at::Tensor>(graph, node, [&](std::size_t i) { return inputs.at(i); }));
    if (const auto* top = std::get_if<graph::op::TopRows>(&node.operation)) return selection.run(*top);
    return selection.run(std::get<graph::op::SuppressedRows>(node.operation));
}

at::Tensor greedy_suppression(const at::Tensor& boxes, const at::Tensor& scores, double iou) {
    TORCH_CHECK(boxes.dim() == 2 && boxes.size(1) == 4 && scores.dim() == 1 && scores.size(0) == boxes.size(0),
                "nms wants boxes [n, 4] and scores [n]");
    const at::Tensor order = at::argsort(scores, 0, true);
    const at::Tensor sorted = at::index_select(boxes, 0, order).to(at::kFloat).contiguous();
    const auto corner = sorted.accessor<float, 2>();
    const std::int64_t count = sorted.size(0);
    const auto limit = static_cast<float>(iou);
    const auto area = [&](std::int64_t i) { return (corner[i][2] - corner[i][0]) * (corner[i][3] - corner[i][1]); };
    const auto covers = [&](std::int64_t a, std::int64_t b) {
        const float width = std::min(corner[a][2], corner[b][2]) - std::max(corner[a][0], corner[b][0]);
        const float height = std::min(corner[a][3], corner[b][3]) - std::max(corner[a][1], corner[b][1]);
        const float shared = std::max(width, 0.0F) * std::max(height, 0.0F);
        return shared / (area(a) + area(b) - shared) > limit;
    };
    std::vector<std::int64_t> kept;
    for (std::int64_t i = 0; i < count; ++i) {
        if (std::none_of(kept.begin(), kept.end(), [&](std::int64_t better) { return covers(better, i); }))
            kept.push_back(i);
    }
    const at::Tensor places = at::empty({static_cast<std::int64_t>(kept.size())}, at::kLong);
    std::copy(kept.begin(), kept.end(), places.data_ptr<std::int64_t>());
    return at::index_select(order, 0, places);
}

void provide_torchvision_nms() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (c10::Dispatcher::singleton().findSchema({"torchvision::nms", ""})) return;
        // Lives as long as the process: archives keep the operator.
        static auto* const library = new torch::Library(torch::Library::FRAGMENT, "torchvision", c10::nullopt, __FILE__,
                                                        static_cast<std::uint32_t>(__LINE__));
        library->def("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor", greedy_suppression);
    });
}

}  // namespace yolovino::runtime::torch_module
