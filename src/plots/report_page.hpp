#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plots/plots.hpp"

namespace yolovino::plots {

/// Text from anywhere as HTML shows it, within elements and quoted attributes; what printable() makes visible stays
/// visible.
std::string escape_html(std::string_view text);

struct PageTable {
    std::string caption;
    std::vector<std::string> titles;
    std::vector<std::vector<std::string>> rows;
    std::size_t names = 1;     ///< leading columns that hold text, not numbers
    bool total_first = false;  ///< the first row is that of all others together
};

/// An image of a page, embedded into it.
struct PageImage {
    std::filesystem::path file;  ///< .png or .jpg
    std::string caption;
};

/// A self-contained HTML page: it opens from disk, loads nothing, and is complete without its script, which only sorts
/// tables. Texts may hold any bytes.
class ReportPage {
public:
    ReportPage(std::string_view title, std::string_view summary);

    void add_table(const PageTable& table);
    void add_facts(std::string_view title, const std::vector<std::pair<std::string, std::string>>& facts);
    void add_lines(std::string_view title, const std::vector<std::string>& lines);
    /// Bars with their values, below each other.
    void add_bars(const BarChart& chart);
    /// Two beside each other where there is room. @throws Error as reading the files
    void add_images(std::string_view title, const std::vector<PageImage>& images);

    std::string html() const;
    /// Writes it under a temporary name first. @throws Error IoFailure
    void write(const std::filesystem::path& file) const;

private:
    std::string head_;
    std::string body_;
};

}  // namespace yolovino::plots
