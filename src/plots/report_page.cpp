#include "plots/report_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"

namespace yolovino::plots {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kStyle =
#include "plots/report_page.css.inc"
    ;
constexpr std::string_view kScript =
#include "plots/report_page.js.inc"
    ;

constexpr std::size_t kMaxTextBytes = 1024;
constexpr std::uint64_t kMaxImageBytes = std::uint64_t{1} << 26U;
/// The style sheet has so many colours of bars.
constexpr std::size_t kColors = 7;

std::string base64(std::string_view bytes) {
    std::string out(1 + (bytes.size() + 2) / 3 * 4, '\0');  // OpenSSL ends it by a zero
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()));
    out.pop_back();
    return out;
}

/// What a policy names a style sheet or a script by.
std::string source_hash(std::string_view text) {
    const std::string digits = base::sha256(text);
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    return "'sha256-" + base64(bytes) + "'";
}

std::string data_uri(const fs::path& file) {
    const std::vector<std::byte> content = base::read_file(file, kMaxImageBytes);
    const std::string_view bytes(reinterpret_cast<const char*>(content.data()), content.size());
    return fmt::format("data:image/{};base64,{}", file.extension() == ".png" ? "png" : "jpeg", base64(bytes));
}

std::string value_text(double value) {
    return std::isfinite(value) ? fmt::format("{:.4g}", value) : "–";
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : base::printable(text, kMaxTextBytes)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

ReportPage::ReportPage(std::string_view title, std::string_view summary) {
    head_ = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src {}; "
        "script-src {}; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>{}</style>\n</head>\n",
        source_hash(kStyle), source_hash(kScript), escape_html(title), kStyle);
    body_ = fmt::format("<header>\n<h1>{}</h1>\n<p>{}</p>\n</header>\n", escape_html(title), escape_html(summary));
}

void ReportPage::add_table(const PageTable& table) {
    const std::string caption = escape_html(table.caption);
    body_ += fmt::format(
        "<section>\n<h2>{0}</h2>\n<div class=\"scroll\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\">\n"
        "<table>\n<thead>\n<tr>",
        caption);
    for (std::size_t c = 0; c < table.titles.size(); ++c)
        body_ += fmt::format("<th scope=\"col\"{}>{}</th>", c < table.names ? " class=\"name\"" : "",
                             escape_html(table.titles[c]));
    body_ += "</tr>\n</thead>\n<tbody>\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        body_ += r == 0 && table.total_first ? "<tr class=\"total\">" : "<tr>";
        for (std::size_t c = 0; c < table.rows[r].size(); ++c) {
            const std::string text = escape_html(table.rows[r][c]);
            if (c == 0) {
                body_ += fmt::format("<th scope=\"row\" class=\"name\">{}</th>", text);
            } else {
                body_ += fmt::format("<td{}>{}</td>", c < table.names ? " class=\"name\"" : "", text);
            }
        }
        body_ += "</tr>\n";
    }
    body_ += "</tbody>\n</table>\n</div>\n</section>\n";
}

void ReportPage::add_facts(std::string_view title, const std::vector<std::pair<std::string, std::string>>& facts) {
    if (facts.empty()) return;
    body_ += fmt::format("<section>\n<h2>{}</h2>\n<dl>\n", escape_html(title));
    for (const auto& [name, value] : facts)
        body_ += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", escape_html(name), escape_html(value));
    body_ += "</dl>\n</section>\n";
}

void ReportPage::add_lines(std::string_view title, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    body_ += fmt::format("<section>\n<h2>{}</h2>\n<ul>\n", escape_html(title));
    for (const std::string& line : lines) body_ += fmt::format("<li>{}</li>\n", escape_html(line));
    body_ += "</ul>\n</section>\n";
}

void ReportPage::add_bars(const BarChart& chart) {
    double top = 0;
    for (const BarSeries& series : chart.series) {
        for (const double value : series.values) top = std::isfinite(value) ? std::max(top, value) : top;
    }
    if (top <= 0) return;
    const std::string unit = chart.y_label.empty() ? "" : ", " + escape_html(chart.y_label);
    body_ += fmt::format("<section>\n<h2>{}{}</h2>\n", escape_html(chart.title), unit);
    for (std::size_t g = 0; g < chart.groups.size(); ++g) {
        body_ += fmt::format("<h3>{}</h3>\n<div class=\"bars\">\n", escape_html(chart.groups[g]));
        for (std::size_t s = 0; s < chart.series.size(); ++s) {
            const double value = g < chart.series[s].values.size() ? chart.series[s].values[g] : std::nan("");
            const double percent = std::isfinite(value) ? std::max(value, 0.0) / top * 100 : 0;
            body_ += fmt::format(
                "<div><span>{}</span><svg width=\"100%\" height=\"14\" aria-hidden=\"true\"><rect width=\"{:.2f}%\" "
                "height=\"14\" class=\"c{}\"/></svg><b>{}</b></div>\n",
                escape_html(chart.series[s].name), percent, s % kColors, value_text(value));
        }
        body_ += "</div>\n";
    }
    body_ += "</section>\n";
}

void ReportPage::add_images(std::string_view title, const std::vector<PageImage>& images) {
    if (images.empty()) return;
    std::string figures;
    for (const PageImage& image : images) {
        figures += fmt::format("<figure><img src=\"{}\" alt=\"{}\"><figcaption>{}</figcaption></figure>\n",
                               data_uri(image.file), escape_html(image.caption), escape_html(image.caption));
    }
    body_ += fmt::format("<section>\n<h2>{}</h2>\n<div class=\"figures\">\n{}</div>\n</section>\n", escape_html(title),
                         figures);
}

std::string ReportPage::html() const {
    return fmt::format("{}<body>\n<main>\n{}</main>\n<script>{}</script>\n</body>\n</html>\n", head_, body_, kScript);
}

void ReportPage::write(const fs::path& file) const {
    base::write_text_file(file, html());
}

}  // namespace yolovino::plots
