#include "tasks/task.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace yolovino::tasks {

tensors::RowKind Task::row_kind(std::size_t output, std::size_t row, std::size_t, const NetworkForm&) const {
    if (output != 0) return tensors::RowKind::Other;
    return row < row_layout().box_rows ? tensors::RowKind::Pixels : tensors::RowKind::Score;
}

tensors::OutputLayout Task::output_layout(const NetworkForm&, std::string_view, const std::string&) const {
    return {.rows = row_layout()};
}

Image Task::network_image(const Image& image, const vision::LetterboxGeometry& geometry) const {
    return vision::letterbox(image, geometry);
}

void Task::write_input(const Image& image, const vision::LetterboxGeometry& geometry, std::span<float> tensor) const {
    vision::letterbox_to_tensor(image, geometry, tensor);
}

std::vector<Task::TextFile> Task::prediction_files(std::span<const NamedResults>, const ClassNames&,
                                                   std::string_view) const {
    return {};
}

std::vector<Crop> Task::crops(const Results& results) const {
    std::vector<Crop> crops;
    for (const Box& box : results.boxes) {
        if (const Image crop = crop_of(results.orig_img, box); !crop.empty()) crops.push_back({box.cls, crop});
    }
    return crops;
}

Image crop_of(const Image& image, const Box& box) {
    constexpr float kGain = 1.02F;
    constexpr float kPadPx = 10;
    const float cx = (box.x1 + box.x2) / 2;
    const float cy = (box.y1 + box.y2) / 2;
    const float half_w = ((box.x2 - box.x1) * kGain + kPadPx) / 2;
    const float half_h = ((box.y2 - box.y1) * kGain + kPadPx) / 2;
    const ImageSize size = image.size();
    const int left = std::clamp(static_cast<int>(cx - half_w), 0, size.width);
    const int top = std::clamp(static_cast<int>(cy - half_h), 0, size.height);
    const int right = std::clamp(static_cast<int>(cx + half_w), 0, size.width);
    const int bottom = std::clamp(static_cast<int>(cy + half_h), 0, size.height);
    if (right <= left || bottom <= top) return {};
    return Image(ImageView{image.row(top) + 3 * static_cast<std::size_t>(left), bottom - top, right - left,
                           image.stride_bytes(), PixelFormat::Bgr});
}

double rounded(double value, int decimals) {
    const double scale = std::pow(10.0, decimals);
    return std::nearbyint(value * scale) / scale;
}

std::string class_name(const Results& results, int cls) {
    const bool named = results.names && cls >= 0 && static_cast<std::size_t>(cls) < results.names->size();
    return named ? (*results.names)[static_cast<std::size_t>(cls)] : fmt::format("class{}", cls);
}

}  // namespace yolovino::tasks
