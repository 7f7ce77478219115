#pragma once

/// How far results may lie from the recorded ones. All are compared in f32: 16-bit inference moves boxes by whole
/// pixels.
namespace yolovino::test {

inline constexpr double kRawBoxPx = 0.01;  ///< raw output, box rows; two exact programs differ by the order of sums
inline constexpr double kRawScore = 1e-5;  ///< raw output, class rows
/// Raw output of the networks with random weights in LibTorch. They amplify the last bit: real PyTorch lies up to
/// 0.043 px and 1.2e-4 from the recorded outputs, and those 0.034 px and 1.2e-4 from the same network in f64.
inline constexpr double kRandomRawBoxPx = 0.06;
inline constexpr double kRandomRawScore = 2e-4;
inline constexpr double kBoxPx = 0.05;  ///< detections in image pixels; scaling back multiplies the raw difference
inline constexpr double kConf = 1e-4;   ///< detections' scores
inline constexpr double kThresholdMargin = 1e-4;  ///< a score so near a threshold may fall on either side
inline constexpr double kMetric = 5e-4;           ///< mAP, P, R of a whole run; measured: 1e-7
inline constexpr double kClassMetric = 1e-2;      ///< the same of one class; measured: 4e-6

inline constexpr double kHalfRawBoxPx = 3;     ///< raw output with f16 weights; measured 2.33 (yolov8n)
inline constexpr double kHalfRawScore = 0.01;  ///< the same, class rows; measured 0.0047

}  // namespace yolovino::test
