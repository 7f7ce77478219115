#pragma once

/// How far results may lie from the recorded ones. All are compared in f32: 16-bit inference moves boxes by whole
/// pixels.
namespace yolovino::test {

inline constexpr double kRawBoxPx = 0.01;  ///< raw output, box rows; two exact programs differ by the order of sums
inline constexpr double kRawScore = 1e-5;  ///< raw output, class rows
inline constexpr double kBoxPx = 0.05;     ///< detections in image pixels; scaling back multiplies the raw difference
inline constexpr double kConf = 1e-4;      ///< detections' scores
inline constexpr double kThresholdMargin = 1e-4;  ///< a score so near a threshold may fall on either side

inline constexpr double kHalfRawBoxPx = 3;     ///< raw output with f16 weights; measured 2.33 (yolov8n)
inline constexpr double kHalfRawScore = 0.01;  ///< the same, class rows; measured 0.0047

}  // namespace yolovino::test
