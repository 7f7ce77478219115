#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "yolovino/image.hpp"
#include "yolovino/types.hpp"

/// The images that validation and benchmark leave behind. Curves, matrix, and bars are drawn by gnuplot, a program
/// that need not be installed; mosaics are drawn by the vision room. Names may hold any bytes.
namespace yolovino::plots {

/// One line of a plot: `y[i]` belongs to `CurveSet::x[i]`; values that are not finite leave a gap.
struct Curve {
    std::string label;
    std::vector<double> y;
};

/// Curves over a common grid; both axes run from 0 to 1.
struct CurveSet {
    std::string title;
    std::string x_label;
    std::string y_label;
    std::vector<double> x;      ///< ascending; more than 1000 points are thinned out
    std::vector<Curve> curves;  ///< one per class; empty: the plot says that there are no detections
    Curve mean;                 ///< the thick line; empty `y`: the mean over the curves; empty label: best_point()
    bool mark_best = false;     ///< a dot at the highest point of the thick line
};

/// The title, axes, and labels of Ultralytics' four plots. `labels` of the classes are their names.
/// @param x       recall, ascending, for the precision-recall curve; confidence for the others
/// @param y       `[class][point]`
/// @param names   the name of each row of `y`
/// @param ap50    average precision at IoU 0.5 of each row of `y`, which the labels show
CurveSet precision_recall_curves(std::vector<double> x, const std::vector<std::vector<double>>& y,
                                 const ClassNames& names, const std::vector<double>& ap50);
/// @param metric  "Precision", "Recall", or "F1"
CurveSet confidence_curves(const std::string& metric, std::vector<double> x, const std::vector<std::vector<double>>& y,
                           const ClassNames& names);

/// `all classes 0.93 at 0.412`: the highest point of the line; `all classes` without a finite value.
std::string best_point(const std::vector<double>& x, const std::vector<double>& y);

/// Writes a PNG, 1350 × 900 px. Up to 20 curves have colours and a place in the legend, more are thin grey lines.
/// @throws Error ShapeMismatch, MissingComponent without gnuplot, RuntimeFailure, IoFailure
void curves(const CurveSet& set, const std::filesystem::path& path);

/// Counts of predicted against true classes; the last row and the last column are the background, if there is one.
struct ConfusionMatrixPlot {
    ClassNames names;            ///< n classes, without the background
    std::vector<double> counts;  ///< `[n + 1, n + 1]`, without a background `[n, n]`; rows predicted, columns true
    bool normalized = false;     ///< divide each column by its sum, as Ultralytics' second matrix
};

/// Writes a PNG, 1350 × 1125 to 3000 × 2500 px. Up to 30 classes have their values in the cells; above that the colours
/// of counts are logarithmic, since otherwise the most frequent class would leave all others white.
/// @throws Error ShapeMismatch, MissingComponent without gnuplot, RuntimeFailure, IoFailure
void confusion_matrix(const ConfusionMatrixPlot& matrix, const std::filesystem::path& path);

/// One image of a mosaic.
struct MosaicTile {
    Image image;                             ///< as the network sees it
    std::function<void(Image& image)> draw;  ///< draws into the image resized to its place; empty: nothing
    std::string caption;                     ///< file name
};

inline constexpr std::size_t kMaxTiles = 16;
inline constexpr int kMaxMosaicSide = 1920;
/// Predictions at or below this score are not drawn; Ultralytics' constant.
inline constexpr float kMosaicConf = 0.25F;

/// Writes an image of up to 16 tiles, column after column as Ultralytics lays them, no side above 1920 px. Further
/// tiles are left out.
/// @param path .jpg or .png
/// @throws Error InvalidArgument without tiles or with a tile that has no image, IoFailure, what drawing throws
void mosaic(const std::vector<MosaicTile>& tiles, const std::filesystem::path& path);

/// Bars of one colour: `values[i]` belongs to `BarChart::groups[i]`; values that are not finite have no bar.
struct BarSeries {
    std::string name;
    std::vector<double> values;
};

struct BarChart {
    std::string title;
    std::string y_label;              ///< with its unit
    std::vector<std::string> groups;  ///< along the x axis
    std::vector<BarSeries> series;    ///< side by side in each group
};

/// Writes a PNG, 1350 px wide (more for many bars) and 750 px high, with each value above its bar.
/// @throws Error InvalidArgument above 64 groups or 16 series, ShapeMismatch, MissingComponent without gnuplot,
/// RuntimeFailure, IoFailure
void grouped_bars(const BarChart& chart, const std::filesystem::path& path);

}  // namespace yolovino::plots
