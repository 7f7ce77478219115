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

/// What a shard file begins with.
inline constexpr std::string_view kShardMagic = "yolovino-val-1\n";

class Accumulator {
public:
    explicit Accumulator(std::size_t classes = 0) : confusion_(classes) {}

    void add(ImageRecord record) { images_.push_back(std::move(record)); }
    ConfusionMatrix& confusion() noexcept { return confusion_; }
    const ConfusionMatrix& confusion() const noexcept { return confusion_; }
    const std::vector<ImageRecord>& images() const noexcept { return images_; }

    /// Adds the images of another part of one run, which is known to have others; sort() follows the last.
    /// @throws Error ShapeMismatch if the classes differ
    void append(Accumulator other);
    /// Adds the images of another run. @throws Error InvalidArgument if an image is in both, ShapeMismatch if the
    /// classes differ
    void merge(Accumulator other);

    /// Sorts the images by their index; the numbers need that.
    void sort();

    Score score(Protocol protocol) const;
    CocoMetrics coco() const;

    friend bool operator==(const Accumulator&, const Accumulator&) = default;

private:
    friend class Shard;

    std::vector<ImageRecord> images_;
    ConfusionMatrix confusion_;
};

/// A shard file: a magic word, a text that describes the run, and every record, little-endian. Tasks that compare the
/// same detections in several ways have a part for each; the first has the confusion matrix.
class Shard {
public:
    /// @param magic what the file begins with
    static std::string serialize(std::span<const Accumulator> parts, std::string_view magic,
                                 std::string_view description);

    /// @param parts number of them
    /// @param file name for messages; @param description receives the text. @throws Error CorruptFile
    static std::vector<Accumulator> parse(std::span<const std::byte> bytes, std::string_view magic, std::size_t parts,
                                          const std::string& file, std::string& description);
};

/// A file of one part that begins with kShardMagic, and back.
std::string serialize(const Accumulator& accumulator, std::string_view description);
Accumulator parse(std::span<const std::byte> bytes, const std::string& file, std::string& description);

}  // namespace yolovino::metrics
