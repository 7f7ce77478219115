#include "tracking/kalman_filter.hpp"

#include <Eigen/LU>
#include <cmath>

namespace yolovino::tracking {

namespace {

// Standard deviations as shares of the box, those of DeepSORT; of an aspect ratio as numbers.
constexpr double kPlace = 1.0 / 20;
constexpr double kSpeed = 1.0 / 160;
constexpr double kAspect = 1e-2;
constexpr double kAspectSpeed = 1e-5;
constexpr double kAspectMeasured = 1e-1;

}  // namespace

/// Variances of all eight numbers.
KalmanFilter::Noise KalmanFilter::noise_of(double width, double height, double place, double speed, double aspect,
                                           double aspect_speed) const {
    Noise deviation;
    if (form_ == BoxForm::AspectHeight) {
        deviation << place * height, place * height, aspect, place * height, speed * height, speed * height,
            aspect_speed, speed * height;
    } else {
        deviation << place * width, place * height, place * width, place * height, speed * width, speed * height,
            speed * width, speed * height;
    }
    return deviation.cwiseProduct(deviation);
}

KalmanState KalmanFilter::initiate(const Measurement& measured) const {
    KalmanState state;
    state.mean << double{measured[0]}, double{measured[1]}, double{measured[2]}, double{measured[3]}, 0, 0, 0, 0;
    state.covariance =
        noise_of(state.mean[2], state.mean[3], 2 * kPlace, 10 * kSpeed, kAspect, kAspectSpeed).asDiagonal();
    return state;
}

void KalmanFilter::predict(KalmanState& state) const {
    const Noise noise = noise_of(state.mean[2], state.mean[3], kPlace, kSpeed, kAspect, kAspectSpeed);
    state.mean.head<4>() += state.mean.tail<4>();
    // F P Fᵀ with F = [I I; 0 I], by blocks
    auto& p = state.covariance;
    p.topRows<4>() += p.bottomRows<4>();
    p.leftCols<4>() += p.rightCols<4>();
    p.diagonal() += noise;
}

void KalmanFilter::correct(KalmanState& state, const Measurement& measured, double noise) const {
    using Matrix4 = Eigen::Matrix<double, 4, 4>;
    const Noise variance = noise_of(state.mean[2], state.mean[3], kPlace, 0, kAspectMeasured, 0);
    auto& p = state.covariance;
    Matrix4 s = p.topLeftCorner<4, 4>();
    s.diagonal() += variance.head<4>() * noise;
    // Products of this size are faster without Eigen's blocking
    const Matrix4 inverse = s.inverse();
    const Eigen::Matrix<double, 8, 4> gain = p.leftCols<4>().lazyProduct(inverse);
    const Eigen::Vector4d z(double{measured[0]}, double{measured[1]}, double{measured[2]}, double{measured[3]});
    const Eigen::Vector4d surprise = z - state.mean.head<4>();
    state.mean += gain * surprise;
    const Eigen::Matrix<double, 8, 4> weighted = gain.lazyProduct(s);
    p -= weighted.lazyProduct(gain.transpose());
}

void KalmanFilter::stop_growth(KalmanState& state) const {
    if (form_ == BoxForm::WidthHeight) state.mean[6] = 0;
    state.mean[7] = 0;
}

void apply(const Warp& warp, bool rotated, KalmanState& state) {
    Eigen::Matrix2d turn;
    turn << warp.m[0], warp.m[1], warp.m[3], warp.m[4];
    const Eigen::Matrix2d size =
        rotated ? Eigen::Matrix2d(std::hypot(warp.m[0], warp.m[3]) * Eigen::Matrix2d::Identity()) : turn.cwiseAbs();
    Eigen::Matrix<double, 8, 8> whole = Eigen::Matrix<double, 8, 8>::Zero();
    whole.block<2, 2>(0, 0) = turn;
    whole.block<2, 2>(2, 2) = size;
    whole.block<2, 2>(4, 4) = turn;
    whole.block<2, 2>(6, 6) = size;
    state.mean = (whole * state.mean).eval();
    state.mean.head<2>() += Eigen::Vector2d(warp.m[2], warp.m[5]);
    state.covariance = (whole * state.covariance * whole.transpose()).eval();
}

double turn_of(const Warp& warp) {
    return std::atan2(warp.m[3], warp.m[0]);
}

}  // namespace yolovino::tracking
