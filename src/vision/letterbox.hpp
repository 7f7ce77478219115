#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "yolovino/image.hpp"
#include "yolovino/types.hpp"

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

/// The way from the network's input back to the image, as Ultralytics computes it.
struct LetterboxInverse {
    float pad_x = 0;
    float pad_y = 0;
    float gain_x = 1;
    float gain_y = 1;

    /// Neither clipped nor rounded.
    Point to_image(const Point& point) const;
};

/// How an image lies in the network's input: the one owner of this geometry, in both directions.
///
/// Forward, the image is scaled by `gain` to `resized` and placed at (`left_px`, `top_px`) of `canvas`; the rest is
/// border. Roundings are half-to-even, as in Python.
struct LetterboxGeometry {
    ImageSize source;
    ImageSize canvas;
    ImageSize resized;
    int top_px = 0;
    int left_px = 0;
    double gain = 1;
    bool exact_inverse = false;  ///< the way back takes the forward gains and borders instead of deriving them anew

    /// The image centred on the whole canvas of `target` (static networks).
    static LetterboxGeometry fit(ImageSize source, ImageSize target);

    /// The image scaled to fit `target` on the smallest canvas whose sides differ from target's by multiples of
    /// `stride`.
    static LetterboxGeometry fit_minimal(ImageSize source, ImageSize target, int stride);

    /// As validation loads images: the long side scaled up or down to `imgsz` (each side rounded up), then centred on
    /// `canvas` without further enlargement. The way back uses the gains and borders that the image really got.
    static LetterboxGeometry fit_loaded(ImageSize source, ImageSize imgsz, ImageSize canvas);

    /// From centre and size, normalised by the image, to pixels of the network's input.
    ModelBox to_model(float cx, float cy, float width, float height) const;

    LetterboxInverse inverse() const;

    /// Back to image pixels, clipped to the image, not rounded (Ultralytics' `scale_boxes`). conf and cls stay 0.
    Box to_image(const ModelBox& box) const;
};

/// The letterboxed image: `[canvas.height, canvas.width, 3]` u8 BGR, bilinear in OpenCV's fixed-point arithmetic.
Image letterbox(const Image& image, const LetterboxGeometry& geometry);

/// The letterboxed image as the network takes it: `[3, canvas.height, canvas.width]` f32 RGB, 0 to 1.
/// @param tensor exactly 3 * canvas.height * canvas.width elements
void letterbox_to_tensor(const Image& image, const LetterboxGeometry& geometry, std::span<float> tensor);

}  // namespace yolovino::vision
