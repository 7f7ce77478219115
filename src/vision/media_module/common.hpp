#pragma once

#include <opencv2/core.hpp>
#include <optional>

#include "yolovino/image.hpp"

namespace yolovino::vision::module {

/// A copy of `pixels` as 8-bit BGR: gray is repeated, alpha dropped, 16 bits reduced to 8; nothing for other kinds of
/// matrices.
std::optional<Image> to_image(const cv::Mat& pixels);

/// A matrix that borrows the image's pixels.
cv::Mat borrow(Image& image);
cv::Mat borrow_for_reading(const Image& image);

}  // namespace yolovino::vision::module
