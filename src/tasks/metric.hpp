#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/results.hpp"
#include "yolovino/val.hpp"

#include "data/label_file.hpp"
#include "metrics/matching.hpp"
#include "tasks/decode_args.hpp"
#include "tensors/outputs.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::tasks {

/// What a validation measures.
struct MetricArgs {
    metrics::Protocol protocol = metrics::Protocol::Ultralytics;
    std::size_t classes = 0;  ///< of the numbers
    DecodeArgs decode = {};
    float confusion_conf = 0;  ///< from where an object counts in the confusion matrix
    bool single_class = false;
    std::optional<std::vector<int>> kept_classes = {};  ///< of those that were found; unset: all
    std::vector<float> oks_sigmas = {};                 ///< of the dataset's keypoints; empty: by their number
    bool overlap_mask = true;                           ///< smaller objects hide larger ones in the masks of the labels
    bool writes_objects = false;  ///< `MeasuredImage::results` go to files; masks are compared as written there
};

/// An image of the dataset as it lies in a batch.
struct LabelledImage {
    std::uint32_t index = 0;  ///< in the whole run
    std::span<const data::Label> labels;
    vision::LetterboxGeometry geometry;
    bool drawn = false;  ///< whether a mosaic shows it
};

/// What a mosaic shows of an image.
struct Drawing {
    Results objects;                 ///< the task's fields, in pixels of the image as the network sees it
    std::optional<int> cls = {};     ///< of the whole image, for its caption
    std::optional<float> conf = {};  ///< how sure that is
};

/// What was found in it, for files and mosaics.
struct MeasuredImage {
    Results results;      ///< the task's fields, in image pixels, and the size
    Drawing truths;       ///< as compared, if it is drawn; the same of `predictions`
    Drawing predictions;  ///< those that are sure enough
};

/// The numbers of a validation as they are printed and written.
struct MetricTable {
    struct Row {
        std::string name;
        std::vector<std::size_t> counts;
        std::vector<double> numbers;
    };
    std::string name_title;                ///< above the names
    std::vector<std::string> titles;       ///< above the counts and numbers
    std::vector<std::string> file_titles;  ///< the same in results.csv
    std::vector<Row> rows;                 ///< over all classes, then of each
    std::vector<std::string> remarks;      ///< lines below the table
};

/// An image of a finished validation. @throws Error as the plots do
struct Plot {
    std::string file;
    std::function<void(const std::filesystem::path& file)> draw;
};

/// Compares what networks find with labels and adds it up. Each thread has its own; parts are merged.
class Metric {
public:
    virtual ~Metric() = default;

    /// Decodes one image of a batch and compares it with its labels. @throws Error ShapeMismatch
    virtual MeasuredImage add(const tensors::Outputs& outputs, std::size_t image, const LabelledImage& labelled) = 0;
    /// Appends the images of another part of the same task; sort() follows the last.
    virtual void append(Metric&& other) = 0;
    virtual void sort() = 0;
    /// Adds the images of another run. @throws Error InvalidArgument if an image is in both, ShapeMismatch if the
    /// classes differ
    virtual void merge(Metric&& other) = 0;

    /// The one number that ranks networks, and its 95 % interval over datasets like this one.
    struct Ranking {
        double value = 0;
        double low = 0;
        double high = 0;
    };
    virtual Ranking ranking(metrics::Protocol protocol, int bootstrap_samples) const = 0;

    virtual std::size_t images() const = 0;
    virtual std::size_t classes() const = 0;

    /// Everything but names of files, speed, and what could not be read.
    virtual void summarize(metrics::Protocol protocol, const ClassNames& names, ValResults& results) = 0;
    /// Of the last summary, as the next two.
    virtual MetricTable table(const ClassNames& names, const ValResults& results) const = 0;
    /// Adds what results.json has besides what every task has.
    virtual void append_json(nlohmann::ordered_json& root, const ClassNames& names,
                             const ValResults& results) const = 0;
    /// The summary must outlive them.
    virtual std::vector<Plot> plots(const ClassNames& names, const ValResults& results) const = 0;
    /// The bytes that Task::read_metric reads.
    virtual std::string serialize(std::string_view description) const = 0;
};

}  // namespace yolovino::tasks
