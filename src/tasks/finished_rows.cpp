#include "tasks/finished_rows.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::tasks {

namespace {

constexpr std::size_t kScore = 4;
constexpr std::size_t kClass = 5;
constexpr float kMostClasses = 65536;

}  // namespace

bool are_finished(const graph::Shape& shape, const NetworkForm& form, bool adds_numbers) {
    const bool six = shape.size() == 3 && shape[2] == static_cast<std::int64_t>(kFinishedColumns);
    return form.finished || (six && !adds_numbers);
}

bool declares_finished(const tensors::Signature& signature, const NetworkForm& form, bool adds_numbers) {
    return form.finished || (!signature.outputs.empty() && signature.outputs.front().ranked &&
                             are_finished(signature.outputs.front().dims, form, adds_numbers));
}

std::span<const float> finished_row(const tensors::OutputTensor& tensor, std::size_t image, std::size_t row) {
    const std::size_t width = tensor.dimension(2);
    return tensor.image(image).subspan(row * width, width);
}

std::vector<std::size_t> finished_rows(const tensors::OutputTensor& tensor, std::size_t image, const DecodeArgs& args) {
    const std::size_t count = tensor.shape.size() == 3 ? tensor.dimension(1) : 0;
    const std::size_t width = tensor.shape.size() == 3 ? tensor.dimension(2) : 0;
    if (width < kFinishedColumns || tensor.image(image).size() / width != count) {
        throw Error(ErrorCode::ShapeMismatch, "predict",
                    fmt::format("the network gave {}, wanted finished boxes [N, boxes, 6 or more]",
                                graph::to_text(tensor.shape)));
    }
    const auto threshold = static_cast<float>(args.conf);
    const float classes = args.form.classes == 0 ? kMostClasses : static_cast<float>(args.form.classes);
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < count && rows.size() < static_cast<std::size_t>(args.max_det); ++i) {
        const std::span<const float> row = finished_row(tensor, image, i);
        if (!(row[kScore] > threshold)) continue;
        if (!(row[kClass] >= 0 && row[kClass] < classes)) {
            throw Error(ErrorCode::ShapeMismatch, "predict",
                        fmt::format("the network gave a box of class {}, wanted 0 to {}", row[kClass], classes - 1));
        }
        const int cls = static_cast<int>(row[kClass]);
        if (!args.classes || std::ranges::find(*args.classes, cls) != args.classes->end()) rows.push_back(i);
    }
    return rows;
}

std::vector<ModelDetection> finished_detections(const tensors::OutputTensor& tensor, std::size_t image,
                                                const DecodeArgs& args) {
    std::vector<ModelDetection> detections;
    for (const std::size_t i : finished_rows(tensor, image, args)) {
        const std::span<const float> row = finished_row(tensor, image, i);
        detections.push_back({{row[0], row[1], row[2], row[3]},
                              row[kScore],
                              static_cast<int>(row[kClass]),
                              static_cast<std::uint32_t>(i)});
    }
    return detections;
}

std::vector<ModelDetection> detections_of(const tensors::OutputTensor& tensor, std::size_t image,
                                          const DecodeArgs& args) {
    if (are_finished(tensor.shape, args.form)) return finished_detections(tensor, image, args);
    return detect_in_model(tensor.image(image), tensor.dimension(1), tensor.dimension(2), args);
}

}  // namespace yolovino::tasks
