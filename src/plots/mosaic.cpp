#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "plots/plots.hpp"
#include "vision/draw.hpp"
#include "vision/encode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::plots {

namespace {

constexpr int kGapPx = 4;
constexpr int kCaptionPx = 24;

struct Grid {
    int rows;
    int columns;
    ImageSize cell;  ///< of an image, without its caption and gap

    int height() const { return rows * (cell.height + kCaptionPx + kGapPx) + kGapPx; }
    int width() const { return columns * (cell.width + kGapPx) + kGapPx; }
};

Grid grid_of(const std::vector<MosaicTile>& tiles, std::size_t count) {
    ImageSize largest;
    for (std::size_t i = 0; i < count; ++i) {
        if (tiles[i].image.empty())
            throw Error(ErrorCode::InvalidArgument, "plots", fmt::format("tile {} of a mosaic has no image", i));
        largest.height = std::max(largest.height, tiles[i].image.height());
        largest.width = std::max(largest.width, tiles[i].image.width());
    }
    // Ultralytics' square, without the columns that would stay empty.
    const int rows = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count))));
    const int columns = (static_cast<int>(count) + rows - 1) / rows;
    const double free_height = static_cast<double>(kMaxMosaicSide - kGapPx) / rows - kCaptionPx - kGapPx;
    const double free_width = static_cast<double>(kMaxMosaicSide - kGapPx) / columns - kGapPx;
    const double scale = std::min({free_height / largest.height, free_width / largest.width, 1.0});
    return {
        rows,
        columns,
        {std::max(static_cast<int>(largest.height * scale), 1), std::max(static_cast<int>(largest.width * scale), 1)}};
}

void paste(Image& canvas, const Image& part, int top, int left) {
    for (int y = 0; y < part.height(); ++y)
        std::memcpy(canvas.row(top + y) + std::ptrdiff_t{left} * 3, part.row(y), part.stride_bytes());
}

/// The tile in its cell, with what is drawn on it.
Image drawn(const MosaicTile& tile, ImageSize cell) {
    const auto geometry = vision::LetterboxGeometry::fit(tile.image.size(), cell);
    Image image = vision::letterbox(tile.image, vision::LetterboxGeometry::fit(tile.image.size(), geometry.resized));
    if (tile.draw) tile.draw(image);
    if (geometry.resized == cell) return image;
    Image padded(cell.height, cell.width);
    std::memset(padded.data(), vision::kPadValue, padded.size_bytes());
    paste(padded, image, geometry.top_px, geometry.left_px);
    return padded;
}

}  // namespace

void mosaic(const std::vector<MosaicTile>& tiles, const std::filesystem::path& path) {
    if (tiles.empty()) throw Error(ErrorCode::InvalidArgument, "plots", "a mosaic has no tiles");
    const std::size_t count = std::min(tiles.size(), kMaxTiles);
    const Grid grid = grid_of(tiles, count);
    Image canvas(grid.height(), grid.width());
    std::memset(canvas.data(), 255, canvas.size_bytes());
    for (std::size_t i = 0; i < count; ++i) {
        const int left = kGapPx + static_cast<int>(i) / grid.rows * (grid.cell.width + kGapPx);
        const int top = kGapPx + static_cast<int>(i) % grid.rows * (grid.cell.height + kCaptionPx + kGapPx);
        vision::draw_caption(canvas, {top, left, kCaptionPx, grid.cell.width}, tiles[i].caption);
        paste(canvas, drawn(tiles[i], grid.cell), top + kCaptionPx, left);
    }
    vision::save_image(canvas, path);
}

}  // namespace yolovino::plots
