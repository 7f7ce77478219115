#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino::plots {

/// Colours that people with colour blindness distinguish (Okabe and Ito), the strongest contrasts first.
inline constexpr std::array<std::string_view, 7> kSeriesColors = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                                  "#d55e00", "#56b4e9", "#7f7f7f"};

/// Longest title and longest name beside a plot; the rest is dropped.
inline constexpr std::size_t kMaxTitleBytes = 120;
inline constexpr std::size_t kMaxNameBytes = 40;

/// How gnuplot is started; tests replace it.
struct GnuplotRun {
    std::string program = "gnuplot";  ///< looked for in PATH
    std::chrono::milliseconds time_limit = std::chrono::seconds(60);
};

/// Text from anywhere as a constant of gnuplot's language: single-quoted, where neither escapes nor commands in
/// backticks are read; apostrophes become typographic ones, control characters and broken UTF-8 are made visible; text
/// above `max_bytes` is dropped.
std::string quote(std::string_view text, std::size_t max_bytes = kMaxTitleBytes);

/// The same for the label of a tic, in which gnuplot reads `%` as a format.
std::string quote_tic(std::string_view text, std::size_t max_bytes = kMaxTitleBytes);

/// A number as gnuplot reads it; `NaN` for values that are not finite.
std::string number(double value);

/// Chooses terminal, fonts, borders, and grid.
std::string preamble(int width_px, int height_px, int font_points);

/// Runs a script that draws one PNG and returns the image.
/// @throws Error MissingComponent without gnuplot, LimitExceeded at the end of the time, RuntimeFailure with what
/// gnuplot said
std::vector<std::byte> render(const std::string& script, const GnuplotRun& run = {});

/// Renders and writes the file under a temporary name first. @throws Error as render(), IoFailure
void render_to(const std::string& script, const std::filesystem::path& path);

}  // namespace yolovino::plots
