#pragma once

#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "yolovino/types.hpp"

#include "vision/text.hpp"

/// The text that drawings write.
namespace yolovino::vision {

/// Each character that OpenCV's stroke font lacks becomes one `?`.
std::string to_ascii(std::string_view text);

/// Height of a font of outlines for an image of this size.
int label_size_px(ImageSize size);

/// The text in outlines; nothing if they cannot be had, which is reported once.
std::optional<TextMask> outlined(std::string_view text, int size_px);

/// The text in outlines or, without fonts, in strokes.
TextMask any_text(std::string_view text, int size_px);

/// Draws a text with its upper left corner at a pixel, which may lie outside.
void blend(cv::Mat& canvas, const TextMask& text, cv::Point at, const cv::Scalar& ink);

}  // namespace yolovino::vision
