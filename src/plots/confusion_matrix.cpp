#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "plots/gnuplot.hpp"
#include "plots/plots.hpp"

namespace yolovino::plots {

namespace {

constexpr std::size_t kMaxClassesWithText = 30;
constexpr double kBlankBelow = 0.005;
/// Names are on both axes; longer ones would leave the cells too little room.
constexpr std::size_t kMaxClassBytes = 26;

struct Layout {
    std::size_t cells;  ///< along each axis
    int width_px;
    int height_px;
    bool with_text;
};

Layout layout_of(const ConfusionMatrixPlot& matrix) {
    constexpr std::size_t kMargins = 450;
    constexpr std::size_t kCellPx = 46;
    constexpr std::size_t kMinWidth = 1350;
    constexpr std::size_t kMaxWidth = 3000;
    const std::size_t classes = matrix.names.size();
    const bool background = matrix.counts.size() != classes * classes;
    const std::size_t cells = classes + (background ? 1 : 0);
    const std::size_t width = std::clamp(kMargins + kCellPx * std::min<std::size_t>(cells, 100), kMinWidth, kMaxWidth);
    return {cells, static_cast<int>(width), static_cast<int>(width * 5 / 6),
            matrix.names.size() <= kMaxClassesWithText};
}

/// What each cell shows, NaN where it stays blank.
std::vector<double> shown_values(const ConfusionMatrixPlot& matrix, std::size_t cells) {
    std::vector<double> values = matrix.counts;
    if (matrix.normalized) {
        for (std::size_t column = 0; column < cells; ++column) {
            double sum = 0;
            for (std::size_t row = 0; row < cells; ++row) sum += values[row * cells + column];
            for (std::size_t row = 0; row < cells; ++row) values[row * cells + column] /= sum + 1e-9;
        }
    }
    for (double& value : values) {
        if (!(value >= kBlankBelow) || !std::isfinite(value)) value = std::nan("");
    }
    return values;
}

std::string tics_of(const ClassNames& names, const Layout& layout, const char* axis) {
    // More names than lines of text fit would lie over each other.
    constexpr double kLinePx = 20;
    const double cell_px = (layout.height_px - 400) / static_cast<double>(layout.cells);
    const auto step = static_cast<std::size_t>(std::max(std::ceil(kLinePx / cell_px), 1.0));
    std::string list;
    for (std::size_t i = 0; i + step <= names.size(); i += step)
        list += fmt::format("{} {}, ", quote_tic(names[i], kMaxClassBytes), i);
    if (layout.cells > names.size()) list += fmt::format("'background' {}, ", names.size());
    return fmt::format("set {} ({})\n", axis, list.substr(0, list.size() - 2));
}

std::string grid_of(std::size_t cells) {
    constexpr std::size_t kMaxCells = 120;
    std::string out;
    if (cells > kMaxCells) return out;
    for (std::size_t i = 1; i < cells; ++i) {
        const double at = static_cast<double>(i) - 0.5;
        out += fmt::format(
            "set arrow from {0},graph 0 to {0},graph 1 nohead front linecolor rgb '#dcdcdc' linewidth 0.6\n"
            "set arrow from graph 0,first {0} to graph 1,first {0} nohead front linecolor rgb '#dcdcdc' linewidth "
            "0.6\n",
            at);
    }
    return out;
}

std::string cell_text(double value, bool normalized) {
    if (normalized) return fmt::format("{:.2f}", value);
    return value < 99'999.5 ? fmt::format("{:.0f}", value) : fmt::format("{:.0f}k", value / 1000);
}

/// What gnuplot draws: data and the elements of the plot command, kept together so that no element lacks its data.
struct Drawing {
    std::string data;
    std::string elements;

    void add(const std::string& name, const std::string& lines, const std::string& element) {
        if (lines.empty()) return;
        data += fmt::format("${} << EOD\n{}EOD\n", name, lines);
        elements += fmt::format("{}${} {} notitle", elements.empty() ? "" : ", ", name, element);
    }
};

void add_cells(Drawing& drawing, const std::vector<double>& values, const Layout& layout) {
    std::string cells;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        cells += fmt::format("{} {} {}\n", i % layout.cells, i / layout.cells, number(values[i]));
    }
    drawing.add("cells", cells, "using 1:2:(0.5):(0.5):3 with boxxyerror linecolor palette");
}

/// Dark texts on the light cells, light ones on the dark cells.
void add_texts(Drawing& drawing, const std::vector<double>& values, const Layout& layout, double top, bool normalized) {
    constexpr double kDarkAbove = 0.55;
    std::string dark;
    std::string light;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isnan(values[i])) continue;
        std::string& list = values[i] > kDarkAbove * top ? light : dark;
        list += fmt::format("{} {} {}\n", i % layout.cells, i / layout.cells, cell_text(values[i], normalized));
    }
    const int font = layout.cells <= 12 ? 15 : layout.cells <= 20 ? 13 : 11;
    const std::string element = fmt::format("using 1:2:3 with labels font ',{}' textcolor rgb ", font);
    drawing.add("dark", dark, element + "'#1a1a1a'");
    drawing.add("light", light, element + "'#ffffff'");
}

std::string frame_of(const ConfusionMatrixPlot& matrix, const Layout& layout) {
    const int font = layout.cells <= 40 ? 13 : 14;
    const double edge = static_cast<double>(layout.cells) - 0.5;
    return preamble(layout.width_px, layout.height_px, font) +
           fmt::format(
               "set title '{}' font ',{}'\nset xlabel 'True' font ',{}'\nset ylabel 'Predicted' font ',{}'\n"
               "set xrange [-0.5:{}]\nset yrange [{}:-0.5]\nunset key\nunset grid\nset border 15\n"
               "set tics scale 0\nset style fill solid 1.0 noborder\nset xtics rotate by 90 right\nset "
               "rmargin at screen 0.9\n"
               "set colorbox user origin screen 0.915,graph 0 size screen 0.018,graph 1\n"
               "set palette defined (0 '#e6f0f9', 0.15 '#cfe1f2', 0.35 '#9dc8e2', 0.55 '#5aa2cf', 0.75 '#2b7bba', "
               "1 '#08306b')\n",
               matrix.normalized ? "Confusion Matrix Normalized" : "Confusion Matrix", font + 5, font + 2, font + 2,
               edge, edge) +
           tics_of(matrix.names, layout, "xtics") + tics_of(matrix.names, layout, "ytics") + grid_of(layout.cells);
}

std::string color_scale(const ConfusionMatrixPlot& matrix, const Layout& layout, double top) {
    if (matrix.normalized) return "set cbrange [0:1]\nset cbtics 0.2 format '%.1f'\n";
    if (layout.with_text) return fmt::format("set cbrange [0:{}]\nset cbtics format '%g'\n", number(top));
    return fmt::format(
        "set logscale cb\nset cbrange [1:{}]\nset cbtics format '%g'\nset cblabel 'count, logarithmic' offset 1\n",
        number(std::max(top, 2.0)));
}

std::string script_of(const ConfusionMatrixPlot& matrix, const Layout& layout) {
    const std::vector<double> values = shown_values(matrix, layout.cells);
    double top = 0;
    for (const double value : values) top = std::isnan(value) ? top : std::max(top, value);
    std::string script = frame_of(matrix, layout);
    if (top == 0) {
        return script +
               "unset colorbox\nset label 'no detections' at graph 0.5,0.5 center front font ',20' textcolor rgb "
               "'#777777'\nplot NaN notitle\n";
    }
    Drawing drawing;
    add_cells(drawing, values, layout);
    if (layout.with_text) add_texts(drawing, values, layout, matrix.normalized ? 1.0 : top, matrix.normalized);
    return script + color_scale(matrix, layout, top) + drawing.data + "plot " + drawing.elements + "\n";
}

}  // namespace

void confusion_matrix(const ConfusionMatrixPlot& matrix, const std::filesystem::path& path) {
    const Layout layout = layout_of(matrix);
    if (matrix.counts.size() != layout.cells * layout.cells) {
        throw Error(ErrorCode::ShapeMismatch, "plots",
                    fmt::format("a confusion matrix of {} classes and the background has {} cells, expected {}",
                                matrix.names.size(), matrix.counts.size(), layout.cells * layout.cells));
    }
    render_to(script_of(matrix, layout), path);
}

}  // namespace yolovino::plots
