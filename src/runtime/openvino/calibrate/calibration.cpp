#include "runtime/openvino/calibrate/calibration.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fmt/format.h>
#include <openvino/op/ops.hpp>
#include <openvino/runtime/core.hpp>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "base/processors.hpp"
#include "base/share_indices.hpp"
#include "openvino/core.hpp"
#include "openvino/placement.hpp"
#include "openvino/translate.hpp"
#include "runtime/openvino/session/device.hpp"
#include "runtime/openvino/session/precisions.hpp"

namespace yolovino::runtime {

namespace {

using quantize::Reach;

constexpr const char* kArea = "calibration";
constexpr std::size_t kMaxWorkers = 4;  // each holds all tensors of the network
constexpr std::size_t kSampleStep = 4;
constexpr std::size_t kLargeTensor = 400'000;
constexpr std::size_t kLargeStep = 4;

std::span<const float> floats(const ov::Tensor& tensor) {
    return {tensor.data<const float>(), tensor.get_size()};
}

/// Rows and anchors of `[1, rows, anchors]`; the probabilities of an image, `[1, classes]`, are one column.
std::pair<std::size_t, std::size_t> columns_of(const ov::Tensor& answer) {
    const ov::Shape& shape = answer.get_shape();
    return {shape.at(1), shape.size() > 2 ? shape[2] : 1};
}

/// Runs images through a network in workers of one thread each.
class InferenceWorkers {
public:
    InferenceWorkers(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input, std::size_t jobs)
        : input_(input) {
        count_ = std::clamp<std::size_t>(jobs, 1, std::min(base::processor_count(), kMaxWorkers));
        const auto workers = static_cast<std::int32_t>(count_);
        // One thread per image: the order of the sums, and with it the last bit, does not depend on the machine's
        // load.
        const ov::AnyMap config = {ov::num_streams(workers), ov::inference_num_threads(workers),
                                   ov::hint::inference_precision(ov::element::f32),
                                   ov::hint::enable_cpu_pinning(false)};
        model_ = openvino::core().compile_model(model, "CPU", config);
    }

    std::size_t count() const { return count_; }
    const ov::CompiledModel& model() const { return model_; }

    /// @param stage for the progress; null: none
    /// @param use (worker, position in `images`, request), called after each inference
    /// @return for each image whether it could be read
    template <typename Use>
    std::vector<char> run(std::span<const std::size_t> images, const char* stage, const Use& use) {
        std::vector<char> readable(images.size(), 0);
        std::atomic<std::size_t> done{0};
        const base::Stopwatch watch;
        const auto make_worker = [&](std::size_t worker) {
            return [&, worker, request = model_.create_infer_request()](std::size_t i) mutable {
                ov::Tensor tensor = request.get_input_tensor();
                if (input_.fill(images[i], std::span<float>(tensor.data<float>(), tensor.get_size()))) {
                    request.infer();
                    use(worker, i, request);
                    readable[i] = 1;
                }
                report(stage, ++done, images.size(), watch.elapsed_ms());
            };
        };
        base::share_indices(images.size(), count_, make_worker);
        if (stage != nullptr) base::emit_progress(stage, images.size(), images.size());
        return readable;
    }

private:
    static void report(const char* stage, std::size_t done, std::size_t total, double elapsed_ms) {
        if (stage == nullptr) return;
        const double left_s = elapsed_ms / 1000 / static_cast<double>(done) * static_cast<double>(total - done);
        base::emit_progress(fmt::format("{} ({:.0f} s left)", stage, std::ceil(left_s)), done, total);
    }

    const CalibrationInput& input_;
    std::size_t count_ = 1;
    ov::CompiledModel model_;
};

/// A copy of the network for one image of the wanted size.
std::shared_ptr<ov::Model> fixed(const std::shared_ptr<const ov::Model>& model, ImageSize size) {
    std::shared_ptr<ov::Model> copy = model->clone();
    const ov::PartialShape shape = {1, 3, size.height, size.width};
    if (copy->input().get_partial_shape() != shape) copy->reshape(shape);
    return copy;
}

/// Extremes of each point for one image.
struct Extremes {
    std::vector<float> low;
    std::vector<float> high;
};

std::shared_ptr<ov::Model> with_extremes(const std::shared_ptr<const ov::Model>& model, ImageSize size, Reach reach) {
    const std::shared_ptr<ov::Model> copy = fixed(model, size);
    ov::ResultVector results;
    for (const auto& point : openvino::place_quantization(*copy, {}, reach).points) {
        std::vector<std::int64_t> all(point.value.get_partial_shape().size());
        for (std::size_t axis = 0; axis < all.size(); ++axis) all[axis] = static_cast<std::int64_t>(axis);
        const auto axes = ov::op::v0::Constant::create(ov::element::i64, {all.size()}, all);
        results.push_back(
            std::make_shared<ov::op::v0::Result>(std::make_shared<ov::op::v1::ReduceMin>(point.value, axes)));
        results.push_back(
            std::make_shared<ov::op::v0::Result>(std::make_shared<ov::op::v1::ReduceMax>(point.value, axes)));
    }
    return std::make_shared<ov::Model>(results, copy->get_parameters(), "extremes");
}

/// The points as outputs, and the network's answer as the last.
std::shared_ptr<ov::Model> with_points(const std::shared_ptr<const ov::Model>& model, ImageSize size, Reach reach) {
    const std::shared_ptr<ov::Model> copy = fixed(model, size);
    ov::ResultVector results;
    for (const auto& point : openvino::place_quantization(*copy, {}, reach).points)
        results.push_back(std::make_shared<ov::op::v0::Result>(point.value));
    results.push_back(std::make_shared<ov::op::v0::Result>(copy->get_results().at(0)->input_value(0)));
    return std::make_shared<ov::Model>(results, copy->get_parameters(), "points");
}

[[noreturn]] void fail_not_finite(const std::string& name) {
    throw Error(ErrorCode::CorruptFile, kArea, "the network gives values that are NaN or infinite",
                {.module_path = name}, "check that the float model detects anything");
}

std::vector<Extremes> extremes_of(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input,
                                  Reach reach, std::size_t points, std::vector<std::size_t>& used) {
    InferenceWorkers workers(with_extremes(model, input.size, reach), input, input.images);
    std::vector<std::size_t> all(input.images);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    std::vector<Extremes> per_image(all.size());
    const auto readable = workers.run(all, "Calibrating", [&](std::size_t, std::size_t i, ov::InferRequest& request) {
        Extremes& out = per_image[i];
        for (std::size_t point = 0; point < points; ++point) {
            out.low.push_back(floats(request.get_output_tensor(2 * point)).front());
            out.high.push_back(floats(request.get_output_tensor(2 * point + 1)).front());
        }
    });
    std::vector<Extremes> kept;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (readable[i] == 0) continue;
        used.push_back(i);
        kept.push_back(std::move(per_image[i]));
    }
    if (used.empty()) {
        throw Error(ErrorCode::CorruptFile, kArea,
                    fmt::format("none of the {} calibration images can be read", input.images));
    }
    return kept;
}

/// Summed in the order of the images, whichever worker took them.
void summarise(const std::vector<Extremes>& images, std::size_t point, quantize::ActivationStatistics& out) {
    out.low = images.front().low[point];
    out.high = images.front().high[point];
    for (const Extremes& each : images) {
        const double low = each.low[point];
        const double high = each.high[point];
        if (!std::isfinite(low) || !std::isfinite(high)) fail_not_finite(out.name);
        out.mean_low += low;
        out.low = std::min(out.low, low);
        out.high = std::max(out.high, high);
    }
    out.mean_low /= static_cast<double>(images.size());
    if (!(out.high > out.low)) {
        throw Error(ErrorCode::InvalidArgument, kArea,
                    fmt::format("every value is {:.6g} on all {} calibration images, so there is no range to measure",
                                out.low, images.size()),
                    {.module_path = out.name}, "give images of the real use");
    }
}

void count(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input, Reach reach,
           Calibration& out) {
    const std::size_t points = out.statistics.size();
    InferenceWorkers workers(with_points(model, input.size, reach), input, out.sample.size());
    std::vector<std::vector<std::vector<std::uint64_t>>> bins(workers.count(),
                                                              {points, std::vector<std::uint64_t>(quantize::kBins, 0)});
    out.answers.resize(out.sample.size());
    workers.run(out.sample, "Measuring ranges", [&](std::size_t worker, std::size_t i, ov::InferRequest& request) {
        for (std::size_t point = 0; point < points; ++point) {
            const quantize::ActivationStatistics& statistics = out.statistics[point];
            const auto values = floats(request.get_output_tensor(point));
            const std::size_t bad = quantize::count_values(values, values.size() > kLargeTensor ? kLargeStep : 1,
                                                           static_cast<float>(statistics.low),
                                                           static_cast<float>(statistics.high), bins[worker][point]);
            if (bad > 0) fail_not_finite(statistics.name);
        }
        const ov::Tensor answer = request.get_output_tensor(points);
        const auto [rows, anchors] = columns_of(answer);
        out.answers[i] = quantize::confident_anchors(floats(answer), rows, anchors, input.compared);
    });
    for (std::size_t point = 0; point < points; ++point) {
        std::vector<std::uint64_t>& sum = out.statistics[point].bins;
        sum.assign(quantize::kBins, 0);
        for (const auto& worker : bins) std::ranges::transform(sum, worker[point], sum.begin(), std::plus<>());
    }
}

}  // namespace

Calibration calibrate(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input, Reach reach) {
    return openvino::translate(ErrorCode::RuntimeFailure, kArea, "cannot run the network", [&] {
        if (const auto type = model->input().get_element_type(); type != ov::element::f32) {
            throw Error(ErrorCode::UnsupportedModel, kArea,
                        fmt::format("the input is {}, wanted f32", type.to_string()));
        }
        const ov::PartialShape& shape = model->input().get_partial_shape();
        if (shape.rank() != 4 || !shape[1].compatible(3)) {
            throw Error(ErrorCode::UnsupportedModel, kArea,
                        fmt::format("the input is {}, wanted [N, 3, H, W]", shape.to_string()));
        }
        Calibration out;
        for (const auto& point : openvino::place_quantization(*fixed(model, input.size), {}, reach).points) {
            out.statistics.emplace_back();
            out.statistics.back().name = point.name;
        }
        const std::vector<Extremes> images = extremes_of(model, input, reach, out.statistics.size(), out.used);
        for (std::size_t point = 0; point < out.statistics.size(); ++point)
            summarise(images, point, out.statistics[point]);
        for (std::size_t i = 0; i < out.used.size(); i += kSampleStep) out.sample.push_back(out.used[i]);
        count(model, input, reach, out);
        return out;
    });
}

QuantizedTrial try_quantized(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input,
                             const Calibration& calibration, bool quiet) {
    return openvino::translate(ErrorCode::RuntimeFailure, kArea, "cannot run the quantized network", [&] {
        InferenceWorkers workers(fixed(model, input.size), input, calibration.sample.size());
        std::vector<quantize::DamageSum> sums(calibration.sample.size());
        workers.run(calibration.sample, quiet ? nullptr : "Comparing",
                    [&](std::size_t, std::size_t i, ov::InferRequest& request) {
                        const ov::Tensor answer = request.get_output_tensor(0);
                        const auto [rows, anchors] = columns_of(answer);
                        sums[i] = quantize::compare(calibration.answers[i], floats(answer), rows, anchors);
                    });
        return QuantizedTrial{quantize::mean_of(sums), layers_of(workers.model())};
    });
}

void run_images(const std::shared_ptr<const ov::Model>& model, const CalibrationInput& input,
                std::span<const std::size_t> images, const UseOutputs& use) {
    openvino::translate(ErrorCode::RuntimeFailure, kArea, "cannot run the network", [&] {
        InferenceWorkers workers(fixed(model, input.size), input, images.size());
        workers.run(images, nullptr, [&](std::size_t, std::size_t i, ov::InferRequest& request) {
            tensors::Outputs outputs;
            for (std::size_t index = 0; index < workers.model().outputs().size(); ++index) {
                const ov::Tensor tensor = request.get_output_tensor(index);
                const ov::Shape& shape = tensor.get_shape();
                outputs.tensors.push_back({.name = fmt::format("output{}", index),
                                           .shape = {shape.begin(), shape.end()},
                                           .data = floats(tensor)});
            }
            use(i, outputs);
        });
    });
}

bool cpu_has_int8() {
    return openvino::translate(ErrorCode::RuntimeFailure, kArea, "cannot ask the CPU", [] {
        const auto all = openvino::core().get_property("CPU", ov::device::capabilities);
        return std::ranges::find(all, ov::device::capability::INT8) != all.end();
    });
}

}  // namespace yolovino::runtime
