#pragma once

#include <Eigen/Core>

#include "tracking/detection.hpp"

namespace yolovino::tracking {

/// What the filter follows beside the centre.
enum class BoxForm {
    AspectHeight,  ///< width by height, and height: ByteTrack
    WidthHeight,   ///< width and height: BoT-SORT and TrackTrack
};

/// Centre and size by `BoxForm`, then the change of each per frame.
struct KalmanState {
    Eigen::Matrix<double, 8, 1> mean;
    Eigen::Matrix<double, 8, 8> covariance;
};

/// A box as the filter measures it: centre, then two numbers by `BoxForm`.
using Measurement = std::array<float, 4>;

/// A filter of constant velocity whose noise grows with the size of the box, with a frame as the unit of time.
class KalmanFilter {
public:
    explicit KalmanFilter(BoxForm form) : form_(form) {}

    BoxForm form() const noexcept { return form_; }
    KalmanState initiate(const Measurement& measured) const;
    /// One frame ahead.
    void predict(KalmanState& state) const;
    /// @param noise factor of the measurement's variance
    void correct(KalmanState& state, const Measurement& measured, double noise = 1) const;
    /// What is known of an object that is lost: that its size no longer changes.
    void stop_growth(KalmanState& state) const;

private:
    using Noise = Eigen::Matrix<double, 8, 1>;
    Noise noise_of(double width, double height, double place, double speed, double aspect, double aspect_speed) const;

    BoxForm form_;
};

/// Moves a state with the camera.
/// @param rotated whether the box has an angle of its own, so that its sizes only scale
void apply(const Warp& warp, bool rotated, KalmanState& state);

/// The angle by which a camera movement turns boxes, in radians.
double turn_of(const Warp& warp);

}  // namespace yolovino::tracking
