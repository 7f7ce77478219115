#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "plots/gnuplot.hpp"
#include "plots/plots.hpp"

namespace yolovino::plots {

namespace {

constexpr std::size_t kMaxGroups = 64;
constexpr std::size_t kMaxSeries = 16;
/// Part of a group's width that bars take; the rest separates it from the next.
constexpr double kFilled = 0.84;

void check(const BarChart& chart) {
    if (chart.groups.size() > kMaxGroups || chart.series.size() > kMaxSeries) {
        throw Error(ErrorCode::InvalidArgument, "plots",
                    fmt::format("a bar chart has {} groups of {} bars, at most {} groups of {} are legible",
                                chart.groups.size(), chart.series.size(), kMaxGroups, kMaxSeries));
    }
    for (const BarSeries& series : chart.series) {
        if (series.values.size() == chart.groups.size()) continue;
        throw Error(ErrorCode::ShapeMismatch, "plots",
                    fmt::format("the bars '{}' have {} values for {} groups", base::printable(series.name),
                                series.values.size(), chart.groups.size()));
    }
}

double highest(const BarChart& chart) {
    double top = 0;
    for (const BarSeries& series : chart.series) {
        for (const double value : series.values) top = std::isfinite(value) ? std::max(top, value) : top;
    }
    return top;
}

std::string value_text(double value) {
    if (!std::isfinite(value)) return "n/a";
    return fmt::format("{:.{}f}", value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}

std::string frame_of(const BarChart& chart, double top) {
    constexpr std::size_t kBarPx = 50;
    const std::size_t bars = (chart.series.size() + 1) * chart.groups.size();
    const auto width = static_cast<int>(std::clamp<std::size_t>(150 + kBarPx * bars, 1350, 3000));
    // One or two groups do not fill the whole width with a few broad bars.
    const auto groups = static_cast<double>(chart.groups.size());
    const double beside = std::max(0.5, (3.2 - groups) / 2);
    std::string tics;
    for (std::size_t i = 0; i < chart.groups.size(); ++i)
        tics += fmt::format("{}{} {}", i == 0 ? "" : ", ", quote_tic(chart.groups[i], kMaxNameBytes), i);
    return preamble(width, 750, 13) +
           fmt::format(
               "set title {} font ',17'\nset ylabel {}\n"
               "set xrange [{}:{}]\nset yrange [0:{}]\nset xtics scale 0 ({})\nset grid noxtics ytics back\n"
               "set key below center horizontal Left reverse samplen 1.2 width 2 height 0.5\nset boxwidth {}\n"
               "set style fill solid 1.0 noborder\n",
               quote(chart.title), quote(chart.y_label), -beside, groups - 1 + beside,
               number(top > 0 ? top * 1.08 : 1.0), tics,
               kFilled * 0.94 / static_cast<double>(std::max<std::size_t>(chart.series.size(), 1)));
}

}  // namespace

void grouped_bars(const BarChart& chart, const std::filesystem::path& path) {
    check(chart);
    const double top = highest(chart);
    std::string script = frame_of(chart, top);
    if (top == 0) {
        script += "unset key\nset label 'no measurements' at graph 0.5,0.5 center font ',20' textcolor rgb '#777777'\n";
        return render_to(script + "plot NaN notitle\n", path);
    }
    std::string plot;
    std::string texts;
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
        const auto count = static_cast<double>(chart.series.size());
        const double shift = (static_cast<double>(s) - (count - 1) / 2) * kFilled / count;
        script += fmt::format("$s{} << EOD\n", s);
        for (std::size_t g = 0; g < chart.groups.size(); ++g) {
            const double value = chart.series[s].values[g];
            script += fmt::format("{} {} {}\n", number(static_cast<double>(g) + shift),
                                  number(std::isfinite(value) ? std::max(value, 0.0) : 0), value_text(value));
        }
        script += "EOD\n";
        plot += fmt::format("$s{} using 1:2 with boxes linecolor rgb '{}' title {}, ", s,
                            kSeriesColors[s % kSeriesColors.size()], quote(chart.series[s].name, kMaxNameBytes));
        texts += fmt::format("{}$s{} using 1:2:3 with labels offset 0,0.6 font ',10' textcolor rgb '#333333' notitle",
                             s == 0 ? "" : ", ", s);
    }
    render_to(script + "plot " + plot + texts + "\n", path);
}

}  // namespace yolovino::plots
