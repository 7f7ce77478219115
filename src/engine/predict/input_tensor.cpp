#include "engine/predict/input_tensor.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "yolovino/error.hpp"

namespace yolovino::engine {

void InputTensor::add(const tasks::Task& task, const Image& image, const vision::LetterboxGeometry& geometry) {
    if ((used_ + 1) * elements_ > tensor_.size()) {
        throw Error(ErrorCode::ShapeMismatch, "predict",
                    fmt::format("more than {} images for one inference", tensor_.size() / elements_));
    }
    task.write_input(image, geometry, tensor_.subspan(used_ * elements_, elements_));
    ++used_;
}

void InputTensor::finish() noexcept {
    std::ranges::fill(tensor_.subspan(used_ * elements_), 0.0F);
}

}  // namespace yolovino::engine
