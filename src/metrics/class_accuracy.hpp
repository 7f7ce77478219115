#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/bootstrap.hpp"

namespace yolovino::metrics {

/// One classified image.
struct RankedClasses {
    static constexpr std::size_t kMost = 5;

    std::uint32_t index = 0;  ///< of the image in the whole run
    std::int32_t truth = 0;
    std::uint8_t count = 0;                  ///< of the next
    std::array<std::int32_t, kMost> best{};  ///< the most likely classes, by descending probability

    /// Whether the truth is among the first.
    bool has(std::size_t first) const;

    friend bool operator==(const RankedClasses&, const RankedClasses&) = default;
};

/// The most likely classes of one image; of equal ones the lower id comes first.
RankedClasses rank_classes(std::span<const float> probabilities);

/// How often the truth is the most likely class, or among the most likely ones.
class ClassAccuracy {
public:
    explicit ClassAccuracy(std::size_t classes = 0) : classes_(classes) {}

    void add(const RankedClasses& image) { images_.push_back(image); }
    std::size_t classes() const noexcept { return classes_; }
    std::size_t images() const noexcept { return images_.size(); }

    /// Adds the images of another part of one run; sort() follows the last.
    void append(const ClassAccuracy& other);
    /// Adds the images of another run. @throws Error InvalidArgument if an image is in both, ShapeMismatch if the
    /// classes differ
    void merge(const ClassAccuracy& other);
    void sort();

    /// Share of the images whose truth is among the first so many; 0 without images.
    double top(std::size_t first) const;
    Interval top1_interval(int samples) const;
    /// `[classes, classes]`, row: most likely, column: true.
    std::vector<std::vector<std::uint64_t>> confusion() const;

    std::string serialize(std::string_view magic, std::string_view description) const;
    /// @param file name for messages; @param description receives the text. @throws Error CorruptFile
    static ClassAccuracy parse(std::span<const std::byte> bytes, std::string_view magic, const std::string& file,
                               std::string& description);

    friend bool operator==(const ClassAccuracy&, const ClassAccuracy&) = default;

private:
    std::size_t classes_ = 0;
    std::vector<RankedClasses> images_;
};

}  // namespace yolovino::metrics
