#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "yolovino/image.hpp"
#include "yolovino/results.hpp"

namespace yolovino::vision {

/// Gray level of the border.
inline constexpr std::uint8_t kPadValue = 114;

/// Corners in pixels of the network's input. Only LetterboxGeometry turns it into a Box, which is in image pixels.
struct ModelBox {
    float x1 = 0;
    float y1 = 0;
    float x2 = 0;
    float y2 = 0;
};

/// How a picture lies in the network's input: the one owner of this geometry, in both directions.
///
/// Forward, the picture is scaled by `gain` to `resized` and laid at (`left_px`, `top_px`) of `canvas`; the rest is
/// border. Roundings are half-to-even, as in Python.
struct LetterboxGeometry {
    ImageSize source;
    ImageSize canvas;
    ImageSize resized;
    int top_px = 0;
    int left_px = 0;
    double gain = 1;
    bool back_as_laid = false;  ///< `to_image` takes the forward gains and borders instead of deriving them anew

    /// The picture centred on the whole canvas of `target` (static networks).
    static LetterboxGeometry fit(ImageSize source, ImageSize target);

    /// The picture scaled to fit `target` on the smallest canvas whose sides differ from target's by multiples of
    /// `stride`.
    static LetterboxGeometry fit_minimal(ImageSize source, ImageSize target, int stride);

    /// As validation loads pictures: the long side scaled up or down to `imgsz` (each side rounded up), then centred on
    /// `canvas` without further enlargement. The way back uses the gains and borders that the picture really got.
    static LetterboxGeometry fit_loaded(ImageSize source, ImageSize imgsz, ImageSize canvas);

    /// From centre and size, normalised by the picture, to pixels of the network's input.
    ModelBox to_model(float cx, float cy, float width, float height) const;

    /// Back to image pixels, clipped to the picture, not rounded (Ultralytics' `scale_boxes`). conf and cls stay 0.
    Box to_image(const ModelBox& box) const;
};

/// The letterboxed picture: `[canvas.height, canvas.width, 3]` u8 BGR, bilinear in OpenCV's fixed-point arithmetic.
Image letterbox(const Image& image, const LetterboxGeometry& geometry);

/// The letterboxed picture as the network takes it: `[3, canvas.height, canvas.width]` f32 RGB, 0 to 1.
/// @param tensor exactly 3 * canvas.height * canvas.width elements
void letterbox_to_tensor(const Image& image, const LetterboxGeometry& geometry, std::span<float> tensor);

}  // namespace yolovino::vision
