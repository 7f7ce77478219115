#include "metrics/run_lengths.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace yolovino::metrics {

namespace {

constexpr int kSubpixels = 5;

/// Places in the order of the columns where a mask begins or ends.
using Toggles = std::vector<std::uint64_t>;

/// Two toggles at one place have no effect.
Runs runs_of(Toggles& toggles, std::uint64_t pixels) {
    std::ranges::sort(toggles);
    Runs runs;
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < toggles.size(); ++i) {
        if (i + 1 < toggles.size() && toggles[i] == toggles[i + 1]) {
            ++i;
            continue;
        }
        if (toggles[i] >= pixels) break;
        runs.push_back(static_cast<std::uint32_t>(toggles[i] - last));
        last = toggles[i];
    }
    runs.push_back(static_cast<std::uint32_t>(pixels - last));
    return runs;
}

Toggles toggles_of(const Runs& runs) {
    Toggles toggles;
    std::uint64_t at = 0;
    for (std::size_t i = 0; i + 1 < runs.size(); ++i) toggles.push_back(at += runs[i]);
    return toggles;
}

/// A corner in fifths of a pixel, truncated as pycocotools does it.
struct Corner {
    std::int64_t x;
    std::int64_t y;
};

Corner corner_at(std::span<const double> polygon, std::size_t i) {
    const auto place = [](double value) { return static_cast<std::int64_t>(kSubpixels * value + 0.5); };
    return {place(polygon[2 * i]), place(polygon[2 * i + 1])};
}

/// An edge as the steps of its longer axis: step `t` lies at `along + t` of that axis and `across(t)` of the other.
class Edge {
public:
    Edge(Corner from, Corner to) {
        const std::int64_t dx = std::abs(to.x - from.x);
        const std::int64_t dy = std::abs(to.y - from.y);
        flat_ = dx >= dy;
        if (flat_ ? from.x > to.x : from.y > to.y) std::swap(from, to);
        from_ = from;
        steps_ = flat_ ? dx : dy;
        if (steps_ > 0)
            slope_ = static_cast<double>(flat_ ? to.y - from.y : to.x - from.x) / static_cast<double>(steps_);
    }

    std::int64_t x(std::int64_t t) const { return flat_ ? from_.x + t : across(from_.x, t); }
    std::int64_t y(std::int64_t t) const { return flat_ ? across(from_.y, t) : from_.y + t; }

    /// Calls `visit(column, y)` where the edge passes the middle of a pixel column, `y` in fifths.
    template <typename Visit>
    void visit_columns(std::int64_t columns, Visit&& visit) const {
        const auto [left, right] = std::minmax({x(0), x(steps_)});
        // Between 5 c + 2 and 5 c + 3 lies the middle of column c.
        const std::int64_t first = std::max<std::int64_t>((left + 2) / kSubpixels, 0);
        for (std::int64_t c = first; c < columns && kSubpixels * c + 3 <= right; ++c) {
            if (kSubpixels * c + 2 < left) continue;
            const std::int64_t t = passing_step(kSubpixels * c + 2);
            visit(c, std::min(y(t), y(t - 1)));
        }
    }

private:
    std::int64_t across(std::int64_t begin, std::int64_t t) const {
        return static_cast<std::int64_t>(static_cast<double>(begin) + slope_ * static_cast<double>(t) + 0.5);
    }

    /// The first step on the other side of `border` and `border + 1` from the step before it.
    std::int64_t passing_step(std::int64_t border) const {
        if (flat_) return border + 1 - from_.x;
        const bool rising = slope_ > 0;
        std::int64_t low = 0;
        std::int64_t high = steps_;
        while (high - low > 1) {
            const std::int64_t middle = low + (high - low) / 2;
            const bool passed = rising ? x(middle) > border : x(middle) <= border;
            (passed ? high : low) = middle;
        }
        return high;
    }

    Corner from_{};
    bool flat_ = true;
    std::int64_t steps_ = 0;
    double slope_ = 0;
};

std::uint64_t pixels_of(ImageSize size) {
    return static_cast<std::uint64_t>(size.height) * static_cast<std::uint64_t>(size.width);
}

}  // namespace

Runs runs_of_polygon(std::span<const double> polygon, ImageSize size) {
    Toggles toggles;
    const std::size_t corners = polygon.size() / 2;
    for (std::size_t i = 0; i < corners; ++i) {
        const Edge edge(corner_at(polygon, i), corner_at(polygon, (i + 1) % corners));
        edge.visit_columns(size.width, [&](std::int64_t column, std::int64_t y) {
            const double row = std::ceil((static_cast<double>(y) + 0.5) / kSubpixels - 0.5);
            const double inside = std::clamp(row, 0.0, static_cast<double>(size.height));
            toggles.push_back(static_cast<std::uint64_t>(column) * static_cast<std::uint64_t>(size.height) +
                              static_cast<std::uint64_t>(inside));
        });
    }
    return runs_of(toggles, pixels_of(size));
}

Runs united(std::span<const Runs> masks) {
    struct Step {
        std::uint64_t at;
        int change;
    };
    std::vector<Step> steps;
    std::uint64_t pixels = 0;
    for (const std::uint32_t run : masks.front()) pixels += run;
    for (const Runs& mask : masks) {
        const Toggles toggles = toggles_of(mask);
        for (std::size_t i = 0; i < toggles.size(); ++i) steps.push_back({toggles[i], i % 2 == 0 ? 1 : -1});
        if (toggles.size() % 2 == 1) steps.push_back({pixels, -1});
    }
    std::ranges::sort(steps, {}, &Step::at);
    Toggles both;
    int covering = 0;
    for (std::size_t i = 0; i < steps.size();) {
        const std::uint64_t at = steps[i].at;
        const bool before = covering > 0;
        for (; i < steps.size() && steps[i].at == at; ++i) covering += steps[i].change;
        if (before != (covering > 0)) both.push_back(at);
    }
    return runs_of(both, pixels);
}

Runs runs_of_mask(const Masks::Instance& mask, ImageSize grid) {
    Toggles toggles;
    const std::size_t words = (static_cast<std::size_t>(mask.width) + 63) / 64;
    const auto height = static_cast<std::uint64_t>(grid.height);
    for (int x = 0; x < mask.width; ++x) {
        const std::uint64_t first =
            static_cast<std::uint64_t>(mask.left + x) * height + static_cast<std::uint64_t>(mask.top);
        bool inside = false;
        for (int y = 0; y < mask.height; ++y) {
            const std::uint64_t word =
                mask.bits[static_cast<std::size_t>(y) * words + static_cast<std::size_t>(x) / 64];
            const bool here = ((word >> (x % 64)) & 1U) != 0;
            if (here != inside) toggles.push_back(first + static_cast<std::uint64_t>(y));
            inside = here;
        }
        if (inside) toggles.push_back(first + static_cast<std::uint64_t>(mask.height));
    }
    return runs_of(toggles, pixels_of(grid));
}

std::uint64_t area_of(const Runs& mask) {
    std::uint64_t area = 0;
    for (std::size_t i = 1; i < mask.size(); i += 2) area += mask[i];
    return area;
}

std::uint64_t shared_area(const Runs& a, const Runs& b) {
    std::uint64_t shared = 0;
    std::uint64_t begin_a = 0;
    std::uint64_t begin_b = 0;
    for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
        const std::uint64_t end_a = begin_a + a[i];
        const std::uint64_t end_b = begin_b + b[j];
        const std::uint64_t end = std::min(end_a, end_b);
        if (i % 2 == 1 && j % 2 == 1) shared += end - std::min(std::max(begin_a, begin_b), end);
        if (end_a == end) {
            begin_a = end_a;
            ++i;
        }
        if (end_b == end) {
            begin_b = end_b;
            ++j;
        }
    }
    return shared;
}

// Five bits a character from '0' on, the sixth says that more follow; from the fourth run on the difference to the run
// before the last.
std::string text_of_runs(const Runs& runs) {
    std::string text;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        std::int64_t rest = runs[i];
        if (i > 2) rest -= runs[i - 2];
        for (bool more = true; more;) {
            auto bits = static_cast<unsigned>(rest & 31);
            rest >>= 5;
            more = (bits & 16U) != 0 ? rest != -1 : rest != 0;
            if (more) bits |= 32U;
            text += static_cast<char>('0' + bits);
        }
    }
    return text;
}

std::optional<Runs> parse_runs(std::string_view text) {
    Runs runs;
    for (std::size_t at = 0; at < text.size();) {
        std::uint64_t bits = 0;
        unsigned shift = 0;
        for (bool more = true; more;) {
            constexpr unsigned kMaxShift = 35;  // a run has 32 bits and a sign
            if (at == text.size() || shift > kMaxShift || text[at] < '0' || text[at] > '0' + 63) return std::nullopt;
            const auto character = static_cast<unsigned>(text[at++] - '0');
            bits |= static_cast<std::uint64_t>(character & 31U) << shift;
            shift += 5;
            more = (character & 32U) != 0;
            if (!more && (character & 16U) != 0) bits |= ~std::uint64_t{0} << shift;
        }
        auto run = static_cast<std::int64_t>(bits);
        if (runs.size() > 2) run += runs[runs.size() - 2];
        if (run < 0 || run > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
        runs.push_back(static_cast<std::uint32_t>(run));
    }
    return runs;
}

}  // namespace yolovino::metrics
