#include "plots/plots.hpp"

#include <gtest/gtest.h>

#include "helpers.hpp"

namespace yolovino::plots {
namespace {

namespace fs = std::filesystem;
using test::count_color;
using test::distinct_colors;
using test::error_of;

constexpr std::uint32_t kMean = 0x0b2a6f;
constexpr std::uint32_t kGray = 0xb8b8b8;

std::vector<double> grid(std::size_t count) {
    std::vector<double> x(count);
    for (std::size_t i = 0; i < count; ++i) x[i] = static_cast<double>(i) / static_cast<double>(count - 1);
    return x;
}

std::vector<std::vector<double>> falling_lines(const std::vector<double>& x, std::size_t classes) {
    std::vector<std::vector<double>> y(classes);
    for (std::size_t c = 0; c < classes; ++c) {
        for (const double at : x)
            y[c].push_back(1 - std::pow(at, 1 + 8 * static_cast<double>(c + 1) / static_cast<double>(classes)));
    }
    return y;
}

class Plots : public ::testing::Test {
protected:
    fs::path file(const std::string& name) const { return folder_.path() / name; }
    /// The file as an image; the folder must hold nothing else.
    Image read(const std::string& name) const {
        for (const auto& entry : fs::directory_iterator(folder_.path()))
            EXPECT_TRUE(entry.path().extension() == ".png" || entry.path().extension() == ".jpg") << entry.path();
        return vision::load_image(file(name));
    }
    Image drawn(const CurveSet& set) const {
        curves(set, file("curves.png"));
        return read("curves.png");
    }
    Image drawn(const ConfusionMatrixPlot& matrix) const {
        confusion_matrix(matrix, file("matrix.png"));
        return read("matrix.png");
    }
    Image drawn(const BarChart& chart) const {
        grouped_bars(chart, file("bars.png"));
        return read("bars.png");
    }

    test::TempFolder folder_;
};

ConfusionMatrixPlot diagonal_matrix(std::size_t classes, double count) {
    ConfusionMatrixPlot matrix{test::numbered_names(classes), std::vector<double>((classes + 1) * (classes + 1)),
                               false};
    for (std::size_t i = 0; i < classes; ++i) matrix.counts[i * (classes + 2)] = count;
    return matrix;
}

TEST_F(Plots, NamesTheBestPoint) {
    EXPECT_EQ(best_point({0, 0.412, 1}, {0.1, 0.93, 0.2}), "all classes 0.93 at 0.412");
    EXPECT_EQ(best_point({0, 0.5, 1}, {std::nan(""), 0.5, HUGE_VAL}), "all classes 0.50 at 0.500");
    EXPECT_EQ(best_point({}, {}), "all classes");
}

TEST_F(Plots, LabelsThePrecisionRecallCurve) {
    const auto set = precision_recall_curves({0, 1}, {{1, 0}, {1, 0.5}}, {"cat", "dog"}, {0.5, 0.75});
    EXPECT_EQ(set.title, "Precision-Recall Curve");
    EXPECT_EQ(set.curves.at(1).label, "dog 0.750");
    EXPECT_EQ(set.mean.label, "all classes 0.625 mAP@0.5");
    EXPECT_TRUE(error_of([] { precision_recall_curves({0, 1}, {{1, 0}}, {"cat"}, {}); }));
}

TEST_F(Plots, DrawsOneClassAndTheMean) {
    const Image image = drawn(confidence_curves("F1", grid(1000), falling_lines(grid(1000), 1), {"person"}));
    EXPECT_EQ(image.size(), (ImageSize{900, 1350}));
    EXPECT_GT(count_color(image, kMean), 1000U);
    EXPECT_LT(count_color(image, kGray), 100U);
}

TEST_F(Plots, DrawsFewClassesInColors) {
    const Image image =
        drawn(confidence_curves("Recall", grid(500), falling_lines(grid(500), 20), test::numbered_names(20)));
    for (const std::uint32_t color : {0x0072b2U, 0xe69f00U, 0x009e73U, 0xcc79a7U, 0xd55e00U, 0x56b4e9U})
        EXPECT_GT(count_color(image, color), 100U) << std::hex << color;
}

TEST_F(Plots, DrawsManyClassesInGray) {
    const Image image =
        drawn(confidence_curves("Precision", grid(1000), falling_lines(grid(1000), 80), test::numbered_names(80)));
    EXPECT_GT(count_color(image, kGray), 1500U);
    EXPECT_EQ(count_color(image, 0xe69f00), 0U);
}

TEST_F(Plots, DrawsTheLineWhereItsValuesAre) {
    // Height 0.5 over all confidences: the thick line crosses the middle of the axes, and nothing is thick elsewhere.
    const Image image = drawn(confidence_curves("F1", grid(100), {std::vector<double>(100, 0.5)}, {"person"}));
    int first = image.height();
    int last = 0;
    for (int y = 100; y < image.height(); ++y) {
        if (test::pixel(image, y, 300) != kMean) continue;
        first = std::min(first, y);
        last = std::max(last, y);
    }
    EXPECT_GT(first, 350);
    EXPECT_LT(last, 550);
    EXPECT_LE(last - first, 6);
}

TEST_F(Plots, LeavesGapsWhereValuesAreMissing) {
    std::vector<double> y(101, 0.5);
    for (std::size_t i = 40; i <= 60; ++i) y[i] = std::nan("");
    const Image whole = drawn(confidence_curves("F1", grid(101), {std::vector<double>(101, 0.5)}, {"a"}));
    const Image gaps = drawn(confidence_curves("F1", grid(101), {y}, {"a"}));
    EXPECT_LT(count_color(gaps, kMean), count_color(whole, kMean) * 9 / 10);
    EXPECT_GT(count_color(gaps, kMean), count_color(whole, kMean) / 2);
}

TEST_F(Plots, SaysThatThereAreNoDetections) {
    const Image none = drawn(confidence_curves("F1", grid(10), {}, {}));
    EXPECT_GT(count_color(none, 0x777777), 50U) << "the text is not there";
    EXPECT_EQ(count_color(none, kMean), 0U);
    const Image nan_only = drawn(confidence_curves("F1", grid(10), {std::vector<double>(10, std::nan(""))}, {"a"}));
    EXPECT_GT(count_color(nan_only, 0x777777), 50U);
    EXPECT_GT(count_color(drawn(CurveSet{}), 0x777777), 50U);
    EXPECT_GT(count_color(drawn(ConfusionMatrixPlot{{}, {0}, false}), 0x777777), 50U);
    EXPECT_GT(count_color(drawn(diagonal_matrix(3, 0)), 0x777777), 50U);
    EXPECT_GT(count_color(drawn(BarChart{}), 0x777777), 50U);
}

TEST_F(Plots, RefusesCurvesThatDoNotFitTheirGrid) {
    const auto error = error_of([&] { curves(confidence_curves("F1", grid(10), {{1, 2}}, {"a"}), file("x.png")); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::ShapeMismatch);
    EXPECT_FALSE(fs::exists(file("x.png")));
}

TEST_F(Plots, HostileNamesAreOnlyText) {
    const fs::path mark = file("mark");
    const ClassNames names = test::hostile_names(mark);
    const std::size_t count = names.size();
    CurveSet set = confidence_curves("F1", grid(50), falling_lines(grid(50), count), names);
    for (std::size_t i = 0; i < count; i += 4) {
        set.title = names[i];
        set.x_label = names[(i + 1) % count];
        set.y_label = names[(i + 2) % count];
        set.mean.label = names[(i + 3) % count];
        EXPECT_GT(count_color(drawn(set), kMean), 500U) << i;
    }
    ConfusionMatrixPlot matrix = diagonal_matrix(count, 5);
    matrix.names = names;
    EXPECT_GT(count_color(drawn(matrix), 0x08306b), 5000U);
    BarChart chart{"", "", names, {}};
    for (const std::string& name : names) chart.series.push_back({name, std::vector<double>(count, 3)});
    EXPECT_GT(count_color(drawn(chart), 0x0072b2), 5000U);
    chart = {"", "", {"n"}, {{"s", {1}}}};
    for (std::size_t i = 0; i < count; i += 2) {
        chart.title = names[i];
        chart.y_label = names[(i + 1) % count];
        EXPECT_GT(count_color(drawn(chart), 0x0072b2), 5000U) << i;
    }
    EXPECT_FALSE(fs::exists(mark)) << "a name ran as a command";
}

TEST_F(Plots, DrawsMatricesOfAnySize) {
    const Image one = drawn(diagonal_matrix(1, 7));
    EXPECT_EQ(one.size(), (ImageSize{1125, 1350}));
    EXPECT_GT(count_color(one, 0x08306b), 50'000U);
    const Image eighty = drawn(diagonal_matrix(80, 7));
    EXPECT_EQ(eighty.size(), (ImageSize{2500, 3000}));
    EXPECT_GT(count_color(eighty, 0x08306b), 80U * 200U);
    const Image thousand = drawn(diagonal_matrix(1203, 7));
    EXPECT_EQ(thousand.size(), (ImageSize{2500, 3000}));
}

TEST_F(Plots, RowsOfTheMatrixRunDownAndColumnsToTheRight) {
    // One object of class 0 taken for class 2: row 2, column 0, the lower left of the classes.
    ConfusionMatrixPlot matrix = diagonal_matrix(3, 0);
    matrix.counts[2 * 4 + 0] = 9;
    const Image image = drawn(matrix);
    double x_sum = 0;
    double y_sum = 0;
    double count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width() * 4 / 5; ++x) {
            if (test::pixel(image, y, x) != 0x08306b) continue;
            x_sum += x;
            y_sum += y;
            ++count;
        }
    }
    ASSERT_GT(count, 10'000);
    EXPECT_LT(x_sum / count, image.width() * 0.35);
    EXPECT_GT(y_sum / count, image.height() * 0.5);
    EXPECT_LT(y_sum / count, image.height() * 0.68);
}

TEST_F(Plots, NormalizesByColumns) {
    // Column 0 holds 9 of class 0 and 1 of class 1, column 1 a single object: the darkest cell is that one.
    ConfusionMatrixPlot matrix = diagonal_matrix(2, 0);
    matrix.counts = {9000, 0, 0, 9000, 0, 0, 0, 1, 0};
    matrix.normalized = true;
    const Image normalized = drawn(matrix);
    matrix.normalized = false;
    const Image counts = drawn(matrix);
    // Two cells at 0.5 and one at 1 against two at the top and an invisible one.
    EXPECT_GT(count_color(counts, 0x08306b), count_color(normalized, 0x08306b) * 3 / 2);
    EXPECT_GT(count_color(normalized, 0x08306b), 20'000U);
}

TEST_F(Plots, RefusesAMatrixOfAnotherSize) {
    ConfusionMatrixPlot matrix = diagonal_matrix(3, 1);
    matrix.counts.pop_back();
    const auto error = error_of([&] { confusion_matrix(matrix, file("x.png")); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::ShapeMismatch);
}

TEST_F(Plots, MissingCellsStayBlank) {
    ConfusionMatrixPlot matrix = diagonal_matrix(2, 4);
    matrix.counts[0] = std::nan("");
    matrix.counts[1] = -3;
    const Image image = drawn(matrix);
    EXPECT_GT(count_color(image, 0x08306b), 20'000U);
}

TEST_F(Plots, BarsAreAsHighAsTheirValues) {
    const Image image =
        drawn(BarChart{"Benchmark", "ms per image", {"n", "s"}, {{"A", {40, 20}}, {"B", {10, std::nan("")}}}});
    EXPECT_EQ(image.size(), (ImageSize{750, 1350}));
    const auto a = static_cast<double>(count_color(image, 0x0072b2));
    const auto b = static_cast<double>(count_color(image, 0xe69f00));
    EXPECT_NEAR(a / b, 6, 0.3);
}

TEST_F(Plots, DrawsAsManyBarsAsAreAllowed) {
    BarChart chart{"Benchmark", "ms per image", test::numbered_names(64), {}};
    for (int i = 0; i < 16; ++i) chart.series.push_back({"series", std::vector<double>(64, 1.5)});
    EXPECT_EQ(drawn(chart).size(), (ImageSize{750, 3000}));
}

TEST_F(Plots, RefusesTooManyBarsAndMissingValues) {
    BarChart chart{"", "", test::numbered_names(65), {}};
    EXPECT_EQ(error_of([&] { grouped_bars(chart, file("x.png")); })->code(), ErrorCode::InvalidArgument);
    chart = {"", "", {"n", "s"}, {{"A", {1}}}};
    EXPECT_EQ(error_of([&] { grouped_bars(chart, file("x.png")); })->code(), ErrorCode::ShapeMismatch);
}

}  // namespace
}  // namespace yolovino::plots
