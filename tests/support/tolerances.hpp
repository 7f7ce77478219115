#pragma once

/// How far results may lie from the recorded ones. All are compared in f32: 16-bit inference moves boxes by whole
/// pixels.
namespace yolovino::test {

inline constexpr double kRawBoxPx = 0.01;  ///< raw output, box rows; two exact programs differ by the order of sums
inline constexpr double kRawScore = 1e-5;  ///< raw output, class rows
inline constexpr double kBoxPx = 0.05;     ///< detections in image pixels; scaling back multiplies the raw difference
inline constexpr double kConf = 1e-4;      ///< detections' scores
inline constexpr double kThresholdMargin = 1e-4;  ///< a score so near a threshold may fall on either side
inline constexpr double kMetric = 5e-4;           ///< mAP, P, R of a whole run; measured: 1e-7
inline constexpr double kClassMetric = 1e-2;      ///< the same of one class; measured: 4e-6

}  // namespace yolovino::test
