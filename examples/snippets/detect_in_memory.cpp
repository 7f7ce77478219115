#include <cstdint>
#include <vector>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
std::size_t detect_in_memory(const yolovino::Model& model, const std::vector<std::uint8_t>& bgr, int height,
                             int width) {
    const yolovino::ImageView view{
        .data = bgr.data(), .height = height, .width = width, .format = yolovino::PixelFormat::Bgr};
    return model.predict(view).boxes.size();
}

std::size_t detect_in_jpeg(const yolovino::Model& model, std::span<const std::byte> jpeg) {
    return model.predict(jpeg).boxes.size();
}
// [/docs]

}  // namespace snippets
