#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/average_precision.hpp"
#include "metrics/coco.hpp"
#include "metrics/confusion.hpp"

namespace yolovino::metrics {

/// Everything that the numbers are made of, image by image, so that parts of a run can be put together exactly.
struct ImageRecord {
    std::uint32_t index = 0;  ///< of the image in the whole run
    ScoredImage scored;
    CocoImage coco;

    friend bool operator==(const ImageRecord&, const ImageRecord&) = default;
};

class Accumulator {
public:
    explicit Accumulator(std::size_t classes = 0) : confusion_(classes) {}

    void add(ImageRecord record) { images_.push_back(std::move(record)); }
    ConfusionMatrix& confusion() noexcept { return confusion_; }
    const ConfusionMatrix& confusion() const noexcept { return confusion_; }
    const std::vector<ImageRecord>& images() const noexcept { return images_; }

    /// Adds the images of another part. @throws Error InvalidArgument if an image is in both, ShapeMismatch if the
    /// classes differ
    void merge(Accumulator other);

    /// Sorts the images by their index; the numbers need that.
    void sort();

    Score score(Protocol protocol) const;
    CocoMetrics coco() const;

    friend bool operator==(const Accumulator&, const Accumulator&) = default;

private:
    friend std::string serialize(const Accumulator& accumulator, std::string_view description);
    friend Accumulator parse(std::span<const std::byte> bytes, const std::string& file, std::string& description);

    std::vector<ImageRecord> images_;
    ConfusionMatrix confusion_;
};

/// A shard file: a magic word, a text that describes the run, and every record, little-endian.
std::string serialize(const Accumulator& accumulator, std::string_view description);

/// @param file name for messages; @param description receives the text. @throws Error CorruptFile
Accumulator parse(std::span<const std::byte> bytes, const std::string& file, std::string& description);

}  // namespace yolovino::metrics
