#include "plots/report_page.hpp"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "helpers.hpp"

namespace yolovino::plots {
namespace {

TEST(ReportPage, EscapesWhatHtmlReadsAndShowsBrokenUtf8) {
    EXPECT_EQ(escape_html("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    EXPECT_EQ(escape_html("a\nb\xff"), "a\\x0ab\\xff");
    EXPECT_EQ(escape_html("Größe"), "Größe");
}

TEST(ReportPage, KeepsHostileTextsOutOfItsMarkup) {
    const std::string hostile = "\"><script>alert(1)</script>";
    ReportPage page(hostile, hostile);
    page.add_table({hostile, {hostile}, {{hostile}}});
    page.add_facts(hostile, {{hostile, hostile}});
    page.add_lines(hostile, {hostile});
    page.add_bars({hostile, hostile, {hostile}, {{hostile, {1.0}}}});
    const std::string html = page.html();
    EXPECT_EQ(html.find("alert(1)</script>"), std::string::npos);
    std::size_t count = 0;
    for (std::size_t at = 0; (at = html.find("&lt;script&gt;alert(1)", at)) != std::string::npos; ++at) ++count;
    EXPECT_EQ(count, 16U);
}

TEST(ReportPage, DrawsBarsInProportionAndNoneForMissingValues) {
    ReportPage page("t", "s");
    page.add_bars({"Time", "ms", {"g"}, {{"a", {4.0}}, {"b", {1.0}}, {"c", {std::nan("")}}}});
    const std::string html = page.html();
    EXPECT_NE(html.find("<rect width=\"100.00%\" height=\"14\" class=\"c0\"/></svg><b>4</b>"), std::string::npos);
    EXPECT_NE(html.find("<rect width=\"25.00%\" height=\"14\" class=\"c1\"/></svg><b>1</b>"), std::string::npos);
    EXPECT_NE(html.find("<rect width=\"0.00%\" height=\"14\" class=\"c2\"/></svg><b>–</b>"), std::string::npos);
}

TEST(ReportPage, EmbedsImagesAsBase64AndRefusesMissingOnes) {
    const test::TempFolder folder;
    const auto file = folder.path() / "a.png";
    std::ofstream(file, std::ios::binary) << "\x89PNG";
    ReportPage page("t", "s");
    page.add_images("Plots", {{file, "a plot"}});
    const std::string html = page.html();
    EXPECT_NE(html.find("<img src=\"data:image/png;base64,iVBORw==\" alt=\"a plot\">"), std::string::npos) << html;
    EXPECT_THROW(page.add_images("Plots", {{folder.path() / "b.png", ""}}), Error);
    EXPECT_EQ(page.html(), html);
}

}  // namespace
}  // namespace yolovino::plots
