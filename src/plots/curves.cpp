#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <optional>

#include "base/fail.hpp"
#include "plots/gnuplot.hpp"
#include "plots/plots.hpp"

namespace yolovino::plots {

namespace {

constexpr int kWidthPx = 1350;
constexpr int kHeightPx = 900;
constexpr std::size_t kMaxColored = 20;
constexpr std::size_t kMaxPoints = 1000;
constexpr std::string_view kMeanColor = "#0b2a6f";

void check(const CurveSet& set) {
    const auto check_one = [&](const Curve& curve) {
        if (curve.y.size() == set.x.size()) return;
        throw Error(ErrorCode::ShapeMismatch, "plots",
                    fmt::format("the curve '{}' has {} values, its grid has {}", base::printable(curve.label),
                                curve.y.size(), set.x.size()));
    };
    for (const Curve& curve : set.curves) check_one(curve);
    if (!set.mean.y.empty()) check_one(set.mean);
}

/// The grid points that are drawn; many curves get fewer, which nobody sees at this size.
std::vector<std::size_t> chosen_points(std::size_t grid, std::size_t curve_count) {
    constexpr std::size_t kTotal = 40'000;
    constexpr std::size_t kLeast = 100;
    const std::size_t wanted = std::clamp(kTotal / std::max<std::size_t>(curve_count, 1), kLeast, kMaxPoints);
    const std::size_t count = std::min(grid, wanted);
    std::vector<std::size_t> points(count);
    for (std::size_t i = 0; i < count; ++i) points[i] = count == 1 ? 0 : i * (grid - 1) / (count - 1);
    return points;
}

/// Lines `x y`; a blank line where the value is not finite interrupts the drawn line.
void append_points(std::string& out, const CurveSet& set, const std::vector<double>& y,
                   const std::vector<std::size_t>& points) {
    for (const std::size_t i : points) {
        if (std::isfinite(set.x[i]) && std::isfinite(y[i])) out += number(set.x[i]) + " " + number(y[i]);
        out += "\n";
    }
}

std::vector<double> mean_of(const std::vector<Curve>& all, std::size_t count) {
    std::vector<double> mean(count, std::nan(""));
    for (std::size_t i = 0; i < count; ++i) {
        double sum = 0;
        std::size_t finite = 0;
        for (const Curve& curve : all) {
            if (!std::isfinite(curve.y[i])) continue;
            sum += curve.y[i];
            ++finite;
        }
        if (finite > 0) mean[i] = sum / static_cast<double>(finite);
    }
    return mean;
}

std::optional<std::size_t> highest(const std::vector<double>& x, const std::vector<double>& y) {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
        if (std::isfinite(x[i]) && std::isfinite(y[i]) && (!best || y[i] > y[*best])) best = i;
    }
    return best;
}

std::string frame_of(const CurveSet& set) {
    return preamble(kWidthPx, kHeightPx, 13) +
           fmt::format(
               "set title {} font ',17'\nset xlabel {}\nset ylabel {}\nset lmargin 9\n"
               "set xrange [0:1]\nset yrange [0:1.005]\nset xtics 0.1 format '%.1f'\nset ytics 0.1 format '%.1f'\n"
               "set grid xtics ytics\n",
               quote(set.title), quote(set.x_label), quote(set.y_label));
}

/// Seven colours times three kinds of line: more colours could not be distinguished.
std::string style_of(std::size_t index) {
    constexpr std::array<std::string_view, 3> kKinds = {"linewidth 1.6 dashtype solid", "linewidth 1.6 dashtype '-'",
                                                        "linewidth 2.2 dashtype '.'"};
    const std::string_view kind = kKinds[index / kSeriesColors.size() % kKinds.size()];
    return fmt::format("{} linecolor rgb '{}'", kind, kSeriesColors[index % kSeriesColors.size()]);
}

std::string script_of(const CurveSet& set, const Curve& mean) {
    const bool colored = set.curves.size() <= kMaxColored;
    const std::vector<std::size_t> points = chosen_points(set.x.size(), set.curves.size());
    std::string data;
    std::string plot;
    if (colored) {
        for (std::size_t i = 0; i < set.curves.size(); ++i) {
            data += fmt::format("$c{} << EOD\n", i);
            append_points(data, set, set.curves[i].y, points);
            data += "EOD\n";
            plot += fmt::format("$c{} using 1:2 with lines {} title {}, ", i, style_of(i),
                                quote(set.curves[i].label, kMaxNameBytes));
        }
    } else {
        data += "$all << EOD\n";
        for (const Curve& curve : set.curves) {
            append_points(data, set, curve.y, points);
            data += "\n";
        }
        data += "EOD\n";
        plot += fmt::format("$all using 1:2 with lines linewidth 1 linecolor rgb '#b8b8b8' title '{} classes', ",
                            set.curves.size());
    }
    data += "$mean << EOD\n";
    append_points(data, set, mean.y, points);
    data += "EOD\n";
    plot += fmt::format("$mean using 1:2 with lines linewidth 4 linecolor rgb '{}' title {}", kMeanColor,
                        quote(mean.label, 2 * kMaxNameBytes));
    if (const auto best = highest(set.x, mean.y); set.mark_best && best) {
        data += fmt::format("$best << EOD\n{} {}\nEOD\n", number(set.x[*best]), number(mean.y[*best]));
        plot += fmt::format(", $best using 1:2 with points pointtype 7 pointsize 1.8 linecolor rgb '{}' notitle",
                            kMeanColor);
    }
    // Many lines need the width; few need a list of names beside them.
    const char* key =
        colored ? "set key outside right top Left reverse samplen 2.5 spacing 1.25 width 1\n"
                : "set rmargin 4\nset key below center horizontal Left reverse samplen 3 width 2 height 0.5\n";
    return frame_of(set) + key + data + "plot " + plot + "\n";
}

/// A plot without curves still has its axes, so that nobody takes it for a broken file.
std::string empty_script_of(const CurveSet& set) {
    return frame_of(set) +
           "unset key\nset label 'no detections' at graph 0.5,0.5 center font ',20' textcolor rgb '#777777'\n"
           "plot NaN notitle\n";
}

}  // namespace

std::string best_point(const std::vector<double>& x, const std::vector<double>& y) {
    const auto best = highest(x, y);
    return best ? fmt::format("all classes {:.2f} at {:.3f}", y[*best], x[*best]) : "all classes";
}

CurveSet precision_recall_curves(std::vector<double> x, const std::vector<std::vector<double>>& y,
                                 const ClassNames& names, const std::vector<double>& ap50) {
    if (y.size() != names.size() || y.size() != ap50.size()) {
        throw Error(
            ErrorCode::ShapeMismatch, "plots",
            fmt::format("{} curves have {} names and {} average precisions", y.size(), names.size(), ap50.size()));
    }
    CurveSet set{"Precision-Recall Curve", "Recall", "Precision", std::move(x), {}, {}, false};
    for (std::size_t i = 0; i < y.size(); ++i)
        set.curves.push_back({fmt::format("{} {:.3f}", base::printable(names[i], kMaxNameBytes - 10), ap50[i]), y[i]});
    const double sum = std::accumulate(ap50.begin(), ap50.end(), 0.0);
    set.mean.label =
        fmt::format("all classes {:.3f} mAP@0.5", sum / static_cast<double>(std::max<std::size_t>(ap50.size(), 1)));
    return set;
}

CurveSet confidence_curves(const std::string& metric, std::vector<double> x, const std::vector<std::vector<double>>& y,
                           const ClassNames& names) {
    if (y.size() != names.size()) {
        throw Error(ErrorCode::ShapeMismatch, "plots", fmt::format("{} curves have {} names", y.size(), names.size()));
    }
    CurveSet set{metric + "-Confidence Curve", "Confidence", metric, std::move(x), {}, {}, true};
    for (std::size_t i = 0; i < y.size(); ++i) set.curves.push_back({names[i], y[i]});
    return set;
}

void curves(const CurveSet& set, const std::filesystem::path& path) {
    check(set);
    Curve mean = set.mean;
    if (mean.y.empty()) mean.y = mean_of(set.curves, set.x.size());
    if (mean.label.empty()) mean.label = best_point(set.x, mean.y);
    const bool drawable = !set.curves.empty() && highest(set.x, mean.y).has_value();
    render_to(drawable ? script_of(set, mean) : empty_script_of(set), path);
}

}  // namespace yolovino::plots
