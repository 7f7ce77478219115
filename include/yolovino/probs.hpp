#pragma once

#include <vector>

#include "yolovino/visibility.hpp"

namespace yolovino {

/// Probabilities of the classes of one image.
class YOLOVINO_API Probs {
public:
    std::vector<float> data;  ///< `data[cls]`, 0 to 1, their sum 1

    /// The most likely class. @throws Error InvalidArgument without classes, as top1conf
    int top1() const;
    float top1conf() const;
    /// The five most likely classes, fewer if there are fewer, by descending probability.
    std::vector<int> top5() const;
    std::vector<float> top5conf() const;
};

}  // namespace yolovino
