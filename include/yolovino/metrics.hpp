#pragma once

#include <cstddef>
#include <string>

namespace yolovino {

/// The numbers of one class that has labels.
struct ValClass {
    int cls = 0;
    std::string name;
    std::size_t images = 0;  ///< that hold it
    std::size_t instances = 0;
    double p = 0;  ///< precision where the mean F1 of all classes is best, as are the next two
    double r = 0;  ///< recall
    double f1 = 0;
    double ap50 = 0;  ///< average precision at IoU 0.50
    double ap = 0;    ///< mean over IoU 0.50 to 0.95
};

/// What pycocotools prints for the same detections; -1 where no label counts.
struct CocoMetrics {
    double ap = -1;
    double ap50 = -1;
    double ap75 = -1;
    double ap_small = -1;
    double ap_medium = -1;
    double ap_large = -1;
    double ar1 = -1;
    double ar10 = -1;
    double ar100 = -1;
    double ar_small = -1;
    double ar_medium = -1;
    double ar_large = -1;
};

/// The same for keypoints, of at most 20 detections in an image.
struct CocoKeypointMetrics {
    double ap = -1;
    double ap50 = -1;
    double ap75 = -1;
    double ap_medium = -1;
    double ap_large = -1;
    double ar = -1;
    double ar50 = -1;
    double ar75 = -1;
    double ar_medium = -1;
    double ar_large = -1;
};

}  // namespace yolovino
