#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/plot_args.hpp"
#include "yolovino/predict_args.hpp"
#include "yolovino/results.hpp"

#include "serve/message.hpp"

namespace yolovino::serve {

enum class AnswerForm { Json, Jpeg, Csv };

/// What `Accept` likes best, JSON where it does not matter; nothing if it takes none of them.
std::optional<AnswerForm> form_of(std::string_view accept);

/// One image as the line of `yolo predict save_json=True`, several as a list of such lines.
/// @param one whether one image was sent alone
std::string json_answer(const std::vector<Results>& images, bool one);

/// A line for each object: image, name, class, confidence, and the numbers of its box, and of its keypoints.
std::string csv_answer(const std::vector<Results>& images);

/// The image with what was found drawn on it. @throws Error
std::string jpeg_answer(const Results& image, const PredictArgs& args);

}  // namespace yolovino::serve
