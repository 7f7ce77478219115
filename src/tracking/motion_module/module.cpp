#include <exception>
#include <opencv2/calib3d.hpp>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "tracking/camera_motion.hpp"
#include "tracking/motion_module/entry.hpp"

namespace yolovino::tracking::module {

namespace {

// Of Ultralytics 8.4.190; what is not here are OpenCV's defaults.
constexpr int kScale = 2;  // frames are made smaller by it
constexpr int kMaxCorners = 400;
constexpr double kCornerQuality = 0.01;
constexpr int kBlockPx = 3;
constexpr std::size_t kFewPoints = 4;  // too few to estimate a movement
constexpr int kLevels = 3;             // of the pyramid
const cv::Size kWindowPx(21, 21);

class FlowMotion final : public CameraMotion {
public:
    Estimate update(const ImageView& frame) override {
        try {
            return estimate(frame);
        } catch (const std::exception& error) {
            return {{}, error.what()};
        }
    }

    void reset() override { previous_.reset(); }

private:
    /// A frame as the next one is compared with it.
    struct Seen {
        std::vector<cv::Mat> pyramid;
        std::vector<cv::Point2f> corners;
    };

    Estimate estimate(const ImageView& frame) {
        // OpenCV's interface has no const
        const cv::Mat image(frame.height, frame.width, CV_8UC3, const_cast<std::uint8_t*>(frame.data),
                            frame.stride_bytes);
        cv::Mat gray;
        cv::Mat small;
        cv::cvtColor(image, gray, cv::COLOR_BGR2GRAY);
        cv::resize(gray, small, cv::Size(image.cols / kScale, image.rows / kScale), 0, 0, cv::INTER_LINEAR);
        Seen seen;
        cv::goodFeaturesToTrack(small, seen.corners, kMaxCorners, kCornerQuality, 0, cv::noArray(), kBlockPx);
        cv::buildOpticalFlowPyramid(small, seen.pyramid, kWindowPx, kLevels);
        Estimate out;
        if (previous_ && !previous_->corners.empty()) out = compare(*previous_, seen);
        previous_ = std::move(seen);
        return out;
    }

    static Estimate compare(const Seen& before, const Seen& now) {
        std::vector<cv::Point2f> moved;
        std::vector<unsigned char> found;
        cv::calcOpticalFlowPyrLK(before.pyramid, now.pyramid, before.corners, moved, found, cv::noArray(), kWindowPx,
                                 kLevels);
        std::vector<cv::Point2f> from;
        std::vector<cv::Point2f> to;
        for (std::size_t i = 0; i < found.size(); ++i) {
            if (found[i] != 1) continue;
            from.push_back(before.corners[i]);
            to.push_back(moved[i]);
        }
        if (from.size() <= kFewPoints) return {{}, "there are not enough matching points"};
        const cv::Mat affine = cv::estimateAffinePartial2D(from, to);
        if (affine.empty()) return {{}, "no affine movement fits the points"};
        Estimate out;
        for (int i = 0; i < 6; ++i) {
            const int column = i % 3;
            const double scale = column == 2 ? kScale : 1;
            out.warp.m[static_cast<std::size_t>(i)] = affine.at<double>(i / 3, column) * scale;
        }
        return out;
    }

    std::optional<Seen> previous_;
};

}  // namespace

}  // namespace yolovino::tracking::module

extern "C" __attribute__((visibility("default"))) yolovino::tracking::CameraMotion* yolovino_motion() {
    return new yolovino::tracking::module::FlowMotion();
}
