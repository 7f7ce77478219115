#include "data/label_file.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <span>
#include <tuple>
#include <utility>

#include "base/fail.hpp"
#include "documents/text.hpp"

namespace yolovino::data {

namespace {

constexpr std::size_t kMaxColumns = 100'000;  // a polygon of 50,000 corners
constexpr std::size_t kMaxLabels = 100'000;   // of one image; a dense one has some thousands
constexpr std::size_t kBoxColumns = 5;
constexpr std::size_t kMaxBoxColumns = 6;  // a file with a longer row holds polygons
constexpr float kMaxShare = 1.01F;
constexpr float kMinCentre = -0.01F;
constexpr std::string_view kBoxForm = "class cx cy w h";
constexpr std::string_view kPolygonForm = "class x1 y1 x2 y2 …";
constexpr std::size_t kMinPolygonColumns = 7;

/// What the rows of a file are: boxes or polygons by the numbers of their columns alone, keypoints by the dataset.
struct Form {
    bool polygons = false;
    std::size_t long_line = 0;  ///< the first with a polygon
    std::size_t box_line = 0;   ///< the first with a box
    bool outlines = false;      ///< whether the polygons themselves are wanted
    bool points = false;        ///< whether the keypoints themselves are wanted
    KeypointShape keypoints;    ///< of rows that have them

    std::size_t keypoint_columns() const {
        return kBoxColumns + static_cast<std::size_t>(keypoints.count) * static_cast<std::size_t>(keypoints.dims);
    }
    std::string wanted() const {
        if (keypoints.count > 0) {
            return fmt::format("{} and {} keypoints of {} numbers, {} columns", kBoxForm, keypoints.count,
                               keypoints.dims, keypoint_columns());
        }
        return std::string(polygons ? kPolygonForm : kBoxForm);
    }
};

std::size_t columns_of(std::string_view line, std::size_t most) {
    std::size_t columns = 0;
    while (columns <= most && !documents::next_word(line).empty()) ++columns;
    return columns;
}

/// Whether every row has as many columns as those with keypoints.
bool has_keypoints(std::string_view text, std::size_t columns) {
    documents::Lines lines(text);
    bool any = false;
    for (std::string_view line; lines.next(line);) {
        const std::size_t found = columns_of(line, columns);
        if (found != 0 && found != columns) return false;
        any = any || found != 0;
    }
    return any;
}

Form form_of(std::string_view text, const LabelRows& rows) {
    Form form;
    form.points = rows.form == LabelForm::Keypoints;
    form.outlines = rows.form == LabelForm::Polygons || rows.form == LabelForm::Corners;
    form.keypoints = rows.keypoints;
    if (form.points || (rows.keypoints.count > 0 && has_keypoints(text, form.keypoint_columns()))) return form;
    form.keypoints = {};
    documents::Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        const std::size_t columns = columns_of(line, kMaxBoxColumns);
        if (columns > kMaxBoxColumns && form.long_line == 0) form.long_line = lines.number();
        if (columns == kBoxColumns && form.box_line == 0) form.box_line = lines.number();
    }
    form.polygons = form.long_line > 0;
    return form;
}

/// Appends the numbers of one line; a reason if it holds anything else.
std::string read_columns(std::string_view line, std::vector<float>& columns) {
    const std::size_t first = columns.size();
    for (std::string_view word = documents::next_word(line); !word.empty(); word = documents::next_word(line)) {
        if (columns.size() - first == kMaxColumns) return fmt::format("more than {} columns", kMaxColumns);
        const std::optional<double> number = documents::python_float(word);
        // Numbers beyond f32 become infinite there, as in the reference.
        const float value = number ? static_cast<float>(*number) : 0;
        if (!number || !std::isfinite(value)) return fmt::format("'{}' is not a number", base::printable(word, 32));
        columns.push_back(value);
    }
    return {};
}

/// What is wrong in a file of boxes and polygons: a remark behind a box makes it as long as a polygon.
std::pair<std::size_t, std::string> mixed_problem(std::string_view text, const Form& form) {
    documents::Lines lines(text);
    std::vector<float> columns;
    for (std::string_view line; lines.next(line); columns.clear()) {
        const std::string problem = read_columns(line, columns);
        if (!problem.empty()) return {lines.number(), fmt::format("{}, wanted: {}", problem, kBoxForm)};
    }
    return {
        std::max(form.box_line, form.long_line),
        fmt::format("labels mix segment and detection rows: line {} is a box, line {} a polygon, wanted rows of one "
                    "kind in a file",
                    form.box_line, form.long_line)};
}

std::string read_box(std::span<const float> columns, Label& label) {
    if (columns.size() != kBoxColumns) return fmt::format("{} columns", columns.size());
    label.cx = columns[1];
    label.cy = columns[2];
    label.width = columns[3];
    label.height = columns[4];
    return {};
}

std::string read_polygon(std::span<const float> columns, bool outline, Label& label) {
    if (columns.size() < 3 || columns.size() % 2 == 0)
        return fmt::format("{} columns, which are no class and pairs of coordinates", columns.size());
    if (outline && columns.size() < kMinPolygonColumns)
        return fmt::format("{} columns: a polygon has three points or more", columns.size());
    float left = columns[1];
    float right = columns[1];
    float top = columns[2];
    float bottom = columns[2];
    for (std::size_t i = 1; i < columns.size(); i += 2) {
        left = std::min(left, columns[i]);
        right = std::max(right, columns[i]);
        top = std::min(top, columns[i + 1]);
        bottom = std::max(bottom, columns[i + 1]);
    }
    label.cx = (left + right) / 2;
    label.cy = (top + bottom) / 2;
    label.width = right - left;
    label.height = bottom - top;
    if (outline)
        label.shape = std::make_shared<const LabelShape>(LabelShape{{columns.begin() + 1, columns.end()}, {}, {}, {}});
    return {};
}

/// As Ultralytics checks them: no number below -0.01, no keypoint above 1.01.
std::string read_keypoints(std::span<const float> columns, const Form& form, Label& label) {
    if (columns.size() != form.keypoint_columns()) return fmt::format("{} columns", columns.size());
    for (const float value : columns) {
        if (value < kMinCentre) return fmt::format("negative label values: {:g}", value);
    }
    read_box(columns.first(kBoxColumns), label);
    LabelShape shape;
    const auto dims = static_cast<std::size_t>(form.keypoints.dims);
    for (std::size_t i = kBoxColumns; i < columns.size(); i += dims) {
        const float x = columns[i];
        const float y = columns[i + 1];
        if (x > kMaxShare || y > kMaxShare)
            return fmt::format("keypoint {:g}, {:g} is above 1: coordinates are shares of the image", x, y);
        const float visible = x < 0 || y < 0 ? 0.0F : 1.0F;
        if (form.points) shape.points.insert(shape.points.end(), {x, y, dims == 3 ? columns[i + 2] : visible});
    }
    if (form.points) label.shape = std::make_shared<const LabelShape>(std::move(shape));
    return {};
}

std::string check_class(float cls, std::size_t classes) {
    if (cls < 0) return fmt::format("negative label values: class {:g}, wanted 0 to {}", cls, classes - 1);
    if (cls != std::trunc(cls))
        return fmt::format("class {:g} is not a whole number, wanted 0 to {}", cls, classes - 1);
    if (cls >= static_cast<float>(classes))
        return fmt::format("class {:g} exceeds the dataset's {} classes, possible are 0 to {}", cls, classes,
                           classes - 1);
    return {};
}

std::string check(float cls, const Label& label, std::size_t classes) {
    struct Side {
        std::string_view name;
        float value;
        float least;
    };
    for (const auto& [name, value, least] : {Side{"centre x", label.cx, kMinCentre},
                                             {"centre y", label.cy, kMinCentre},
                                             {"width", label.width, 0},
                                             {"height", label.height, 0}}) {
        if (value > kMaxShare)
            return fmt::format("{} {:g} is above 1, wanted shares of the image from 0 to 1", name, value);
        if (value < least)
            return fmt::format("negative label values: {} {:g}, wanted shares of the image from 0 to 1", name, value);
    }
    return check_class(cls, classes);
}

std::string read_row(std::span<const float> columns, const Form& form, Label& label) {
    if (form.keypoints.count > 0) return read_keypoints(columns, form, label);
    return form.polygons ? read_polygon(columns, form.outlines, label) : read_box(columns, label);
}

/// The rows of a file, one behind the other.
class Rows {
public:
    void close_row() { ends_.push_back(values_.size()); }
    std::vector<float>& values() { return values_; }
    std::size_t open_row() const { return ends_.empty() ? 0 : ends_.back(); }

    /// The rows that come first in the order of their values, each once; as NumPy's unique() gives them.
    std::vector<std::size_t> unique() const {
        std::vector<std::size_t> order(ends_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::stable_sort(
            order, [&](std::size_t a, std::size_t b) { return std::ranges::lexicographical_compare(row(a), row(b)); });
        const auto repeated = std::unique(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return std::ranges::equal(row(a), row(b));
        });
        order.erase(repeated, order.end());
        return order;
    }

private:
    std::span<const float> row(std::size_t i) const {
        const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
        return std::span(values_).subspan(begin, ends_[i] - begin);
    }

    std::vector<float> values_;
    std::vector<std::size_t> ends_;
};

}  // namespace

bool operator==(const Label& a, const Label& b) {
    const auto fields = [](const Label& label) {
        return std::tie(label.cls, label.cx, label.cy, label.width, label.height, label.crowd, label.exact);
    };
    if (fields(a) != fields(b) || (a.shape == nullptr) != (b.shape == nullptr)) return false;
    return a.shape == nullptr || *a.shape == *b.shape;
}

LabelFile parse_labels(std::string_view text, std::size_t classes, const LabelRows& wanted) {
    LabelFile file;
    text = documents::without_byte_order_mark(text);
    file.problem = documents::utf8_problem(text);
    if (!file.problem.empty()) return file;
    const Form form = form_of(text, wanted);
    file.polygons = form.polygons;
    const auto refuse = [&](std::size_t line, const std::string& problem) {
        file.problem = fmt::format("line {}: {}", line, problem);
        file.labels.clear();
        return file;
    };
    if (form.polygons && form.box_line > 0) {
        const auto [line, problem] = mixed_problem(text, form);
        return refuse(line, problem);
    }
    Rows rows;
    documents::Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        std::string problem = read_columns(line, rows.values());
        if (!problem.empty()) return refuse(lines.number(), fmt::format("{}, wanted: {}", problem, form.wanted()));
        const std::span columns = std::span<const float>(rows.values()).subspan(rows.open_row());
        if (columns.empty()) continue;
        Label label;
        problem = read_row(columns, form, label);
        if (!problem.empty()) return refuse(lines.number(), fmt::format("{}, wanted: {}", problem, form.wanted()));
        problem =
            form.keypoints.count > 0 ? check_class(columns.front(), classes) : check(columns.front(), label, classes);
        if (!problem.empty()) return refuse(lines.number(), problem);
        if (file.labels.size() == kMaxLabels)
            return refuse(lines.number(), fmt::format("more than {} objects", kMaxLabels));
        label.cls = static_cast<int>(columns.front());
        file.labels.push_back(std::move(label));
        rows.close_row();
    }
    const std::vector<std::size_t> unique = rows.unique();
    file.duplicates = file.labels.size() - unique.size();
    if (file.duplicates > 0) {
        std::vector<Label> kept;
        for (const std::size_t i : unique) kept.push_back(file.labels[i]);
        file.labels = std::move(kept);
    }
    return file;
}

std::filesystem::path label_path(const std::filesystem::path& image) {
    const std::string text = image.string();
    const std::size_t at = text.rfind("/images/");
    std::filesystem::path label =
        at == std::string::npos ? text : text.substr(0, at) + "/labels/" + text.substr(at + 8);
    return label.replace_extension(".txt");
}

}  // namespace yolovino::data
