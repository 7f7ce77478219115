#include "data/label_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <tuple>

#include "base/fail.hpp"

namespace yolovino::data {

namespace {

constexpr std::size_t kMaxColumns = 100'000;  // a polygon of 50,000 corners
constexpr std::size_t kMaxLabels = 100'000;   // of one picture; a dense one has some thousands
constexpr float kTolerance = 0.01F;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/// The next word of a line, which is shortened by it.
std::string_view next_word(std::string_view& line) {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    std::size_t end = 0;
    while (end < line.size() && !is_blank(line[end])) ++end;
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
}

bool has_negative_exponent(std::string_view digits) {
    const std::size_t e = digits.find_first_of("eE");
    return e != std::string_view::npos && digits.substr(e + 1).starts_with('-');
}

/// The numbers of one line; a reason if it holds anything else.
std::string read_columns(std::string_view line, std::vector<float>& columns) {
    columns.clear();
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
        if (columns.size() == kMaxColumns) return fmt::format("more than {} columns", kMaxColumns);
        const std::string_view digits = word.starts_with('+') ? word.substr(1) : word;
        float value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        // Numbers too small for f32 are 0, as for Python.
        const bool tiny = error == std::errc::result_out_of_range && has_negative_exponent(digits);
        const bool ok = (error == std::errc{} || tiny) && end == digits.data() + digits.size();
        if (!ok || !std::isfinite(value)) return fmt::format("'{}' is not a number", base::printable(word, 32));
        columns.push_back(value);
    }
    return {};
}

std::string read_box(const std::vector<float>& columns, Label& label) {
    if (columns.size() != 5) return fmt::format("{} columns, wanted 5: class cx cy w h", columns.size());
    label.cx = columns[1];
    label.cy = columns[2];
    label.width = columns[3];
    label.height = columns[4];
    return {};
}

std::string read_polygon(const std::vector<float>& columns, Label& label) {
    if (columns.size() < 5 || columns.size() % 2 == 0) {
        return fmt::format("{} columns, wanted a class and pairs of coordinates", columns.size());
    }
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
    return {};
}

std::string check(float cls, const Label& label, std::size_t classes) {
    for (const float value : {label.cx, label.cy, label.width, label.height}) {
        if (value > 1 + kTolerance) return fmt::format("coordinate {:g} is above 1: they must be normalised", value);
        if (value < -kTolerance) return fmt::format("coordinate {:g} is negative", value);
    }
    if (cls < 0) return fmt::format("class {:g} is negative", cls);
    if (cls != std::trunc(cls)) return fmt::format("class {:g} is not a whole number", cls);
    if (cls >= static_cast<float>(classes)) {
        return fmt::format("class {:g} exceeds the dataset's {} classes, possible are 0 to {}", cls, classes,
                           classes - 1);
    }
    return {};
}

auto key(const Label& label) {
    return std::tie(label.cls, label.cx, label.cy, label.width, label.height);
}

/// Calls `body(number, columns)` for each line that is not blank until it returns a reason.
template <typename Body>
std::string each_line(std::string_view text, Body&& body) {
    std::vector<float> columns;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string problem = read_columns(text.substr(0, end), columns);
        if (problem.empty() && !columns.empty()) problem = body(columns);
        if (!problem.empty()) return fmt::format("line {}: {}", number, problem);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

}  // namespace

LabelFile parse_labels(std::string_view text, std::size_t classes) {
    LabelFile file;
    bool polygons = false;
    file.problem = each_line(text, [&](const std::vector<float>& columns) {
        polygons = polygons || columns.size() > 6;
        return std::string();
    });
    if (!file.problem.empty()) return file;
    file.problem = each_line(text, [&](const std::vector<float>& columns) {
        Label label;
        std::string problem = polygons ? read_polygon(columns, label) : read_box(columns, label);
        if (problem.empty()) problem = check(columns.front(), label, classes);
        if (!problem.empty()) return problem;
        if (file.labels.size() == kMaxLabels) return fmt::format("more than {} objects", kMaxLabels);
        label.cls = static_cast<int>(columns.front());
        file.labels.push_back(label);
        return std::string();
    });
    if (!file.problem.empty()) {
        file.labels.clear();
        return file;
    }
    std::vector<Label> sorted = file.labels;
    const auto less = [](const Label& a, const Label& b) { return key(a) < key(b); };
    std::sort(sorted.begin(), sorted.end(), less);
    const auto last = std::unique(sorted.begin(), sorted.end());
    file.duplicates = static_cast<std::size_t>(sorted.end() - last);
    if (file.duplicates > 0) {
        sorted.erase(last, sorted.end());
        file.labels = std::move(sorted);
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
