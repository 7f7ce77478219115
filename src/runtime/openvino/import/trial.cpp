#include "runtime/openvino/import/trial.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

#include "yolovino/error.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "import";
constexpr const char* kHint = "a YOLOv8 network of this task, exported without nms, is wanted";

std::size_t cells(int dim, int stride) {
    return static_cast<std::size_t>((dim + stride - 1) / stride);
}

/// Cells of the heads that YOLOv8 has: P3 to P5, with P2, with P6.
std::vector<std::size_t> anchors_of(ImageSize size) {
    const std::array<std::vector<int>, 3> heads = {{{8, 16, 32}, {4, 8, 16, 32}, {8, 16, 32, 64}}};
    std::vector<std::size_t> counts;
    for (const std::vector<int>& strides : heads) {
        std::size_t count = 0;
        for (const int stride : strides) count += cells(size.height, stride) * cells(size.width, stride);
        counts.push_back(count);
    }
    return counts;
}

/// Whether these are height and width of the maps: twice those of the first level, which is P3 or P2.
bool is_map_size(std::size_t height, std::size_t width, ImageSize size) {
    return std::ranges::any_of(std::array{4, 2}, [&](int stride) {
        return height == cells(size.height, stride) && width == cells(size.width, stride);
    });
}

/// Compares what a network gave with what is wanted.
class Inspector {
public:
    Inspector(const Trial& trial, const tensors::OutputLayout& wanted, const std::string& file)
        : trial_(trial), wanted_(wanted), file_(file), first_(trial.outputs.front()), added_(wanted.added_rows) {}

    OutputForm run() {
        if (!wanted_.has_boxes()) {
            inspect_classes();
            return form_;
        }
        if (wanted_.maps) inspect_maps();
        inspect_rows();
        inspect_boxes();
        if (wanted_.point_numbers > 0) inspect_points();
        return form_;
    }

private:
    [[noreturn]] void fail(const std::string& message) const {
        refuse_import(file_, ErrorCode::ShapeMismatch, message);
    }
    std::size_t box_rows() const { return wanted_.rows.box_rows; }
    std::size_t anchors() const { return first_.shape[form_.anchors_first ? 1 : 2]; }

    void inspect_classes() {
        const auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());
        if (first_.shape.size() != 2 || first_.shape[1] == 0 || first_.shape[1] > most)
            fail(fmt::format("the output is {}, wanted {}", first_.text(), wanted_.rows.text));
        form_.rows = first_.shape[1];
        form_.classes = static_cast<int>(form_.rows);
        if (!std::ranges::all_of(first_.values, [&](float value) { return is_score(value); }))
            fail("the class scores are not within 0 to 1");
    }

    /// Where both orders fit the dimensions, channels are last as those of the input are.
    void inspect_maps() {
        const Trial::Output& maps = trial_.outputs[1];
        const std::vector<std::size_t>& shape = maps.shape;
        const bool four = shape.size() == 4;
        const bool first = four && is_map_size(shape[2], shape[3], trial_.size);
        const bool last = four && is_map_size(shape[1], shape[2], trial_.size);
        form_.maps_last = last && (!first || trial_.nhwc);
        added_ = four ? shape[form_.maps_last ? 3 : 1] : 0;
        if ((first || last) && added_ > 0) return;
        fail(fmt::format("the second output is {} for the input [1, 3, {}, {}], wanted maps of a quarter of its size",
                         maps.text(), trial_.size.height, trial_.size.width));
    }

    void inspect_rows() {
        if (first_.shape.size() != 3)
            fail(fmt::format("the output is {}, wanted {}", first_.text(), wanted_.rows.text));
        const std::vector<std::size_t> counts = anchors_of(trial_.size);
        const auto is_count = [&](std::size_t dim) { return std::ranges::find(counts, dim) != counts.end(); };
        const std::size_t others = box_rows() + added_;
        const bool last = is_count(first_.shape[2]) && first_.shape[1] > others;
        const bool first = is_count(first_.shape[1]) && first_.shape[2] > others;
        if (!last && !first) {
            fail(fmt::format(
                "the output is {} for the input [1, 3, {}, {}], wanted {} with {} anchors{} or that transposed",
                first_.text(), trial_.size.height, trial_.size.width, wanted_.rows.text, fmt::join(counts, " or "),
                added_ == 0 ? "" : fmt::format(", more than {} rows,", others)));
        }
        // As many rows as anchors: then the scores decide, since boxes are not all within 0 to 1.
        form_.anchors_first = first;
        if (first && last) form_.anchors_first = !scores_hold(first_.shape[1], false);
        form_.rows = first_.shape[form_.anchors_first ? 2 : 1];
        form_.classes = static_cast<int>(form_.rows - others);
        if (!scores_hold(form_.rows, form_.anchors_first)) fail("the class scores are not within 0 to 1");
    }

    bool is_score(float value) const {
        const float slack = trial_.quantized ? 0.1F : 1e-3F;  // a grid need not hold 1
        return value >= -slack && value <= 1 + slack;
    }

    /// Whether all values between those of the box and those that the task adds are within 0 to 1.
    bool scores_hold(std::size_t rows, bool anchors_first) const {
        const std::size_t columns = first_.shape[2];
        for (std::size_t i = 0; i < first_.values.size(); ++i) {
            const std::size_t row = anchors_first ? i % columns : i / columns;
            if (row >= box_rows() && row < rows - added_ && !is_score(first_.values[i])) return false;
        }
        return true;
    }

    float at(std::size_t row, std::size_t anchor) const {
        return first_.values[form_.anchors_first ? anchor * form_.rows + row : row * anchors() + anchor];
    }
    double sum_of(std::size_t row) const {
        double sum = 0;
        for (std::size_t anchor = 0; anchor < anchors(); ++anchor) sum += static_cast<double>(at(row, anchor));
        return sum;
    }

    /// Centres of boxes are near their cells, so their mean is near the middle of the image, whatever is on it.
    void inspect_boxes() {
        const double x = sum_of(0) / static_cast<double>(anchors());
        const double y = sum_of(1) / static_cast<double>(anchors());
        const auto near_half = [](double value, double dim) { return value > 0.15 * dim && value < 1.5 * dim; };
        if (near_half(x, trial_.size.width) && near_half(y, trial_.size.height)) return;
        form_.relative_boxes = near_half(x, 1) && near_half(y, 1);
        if (form_.relative_boxes) return;
        fail(
            fmt::format("the boxes are neither in pixels nor in shares of the input: their centres are at {:.3g}, "
                        "{:.3g} in the mean of all anchors",
                        x, y));
    }

    /// Points are near their boxes, but not as near as centres are to cells: what tells pixels from shares is the
    /// geometric mean of half the width and one half.
    void inspect_points() {
        double sum = 0;
        std::size_t points = 0;
        for (std::size_t row = form_.rows - added_; row < form_.rows; row += wanted_.point_numbers) {
            sum += sum_of(row) / static_cast<double>(anchors());
            ++points;
        }
        const double mean = points == 0 ? 0 : std::abs(sum / static_cast<double>(points));
        form_.relative_points = mean < 0.5 * std::sqrt(static_cast<double>(trial_.size.width));
    }

    const Trial& trial_;
    const tensors::OutputLayout& wanted_;
    const std::string& file_;
    const Trial::Output& first_;
    std::size_t added_;
    OutputForm form_;
};

}  // namespace

void refuse_import(const std::string& file, ErrorCode code, const std::string& message, std::string_view hint) {
    throw Error(code, kArea, message, {.file = file}, hint.empty() ? kHint : hint);
}

std::string Trial::Output::text() const {
    return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::string Trial::text() const {
    std::string text;
    for (const Output& output : outputs) text += (text.empty() ? "" : " and ") + output.text();
    return text;
}

OutputForm form_of(const Trial& trial, const tensors::OutputLayout& wanted, const std::string& file) {
    return Inspector(trial, wanted, file).run();
}

}  // namespace yolovino::runtime
