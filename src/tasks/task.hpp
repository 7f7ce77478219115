#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/plot_args.hpp"
#include "yolovino/results.hpp"
#include "yolovino/val.hpp"

#include "data/label_file.hpp"
#include "tasks/metric.hpp"
#include "tensors/output_layout.hpp"
#include "tensors/outputs.hpp"
#include "tensors/row_layout.hpp"
#include "tensors/signature.hpp"
#include "vision/letterbox.hpp"

/// What differs between tasks: everything that depends on what the numbers of a network mean.
namespace yolovino::tasks {

struct TaskTraits {
    std::string_view name;                ///< in metadata and options: `detect`
    std::string_view run_folder;          ///< below `runs/`
    std::vector<std::string_view> heads;  ///< classes of a checkpoint's last layer
    std::string_view shard_magic;         ///< what the file of a validation's part begins with
    std::string_view file_suffix;         ///< of names of model files that say nothing else of their task: `-seg`
    std::string_view metric;              ///< key of the number that ranks networks, without `metrics/`
    bool letterboxed = true;              ///< whether images keep their shape on a canvas that the stride divides
    bool only_boxes = true;               ///< whether results hold upright boxes, and nothing else
    bool finds_objects = true;            ///< whether results are objects, of which crops can be written
    data::LabelForm labels = data::LabelForm::Boxes;  ///< what a validation compares with
    double val_conf = kValConf;                       ///< of a validation where `conf` is not given
    /// Whether trackers look at what a looser suppression leaves, too.
    bool recovers_boxes = false;
};

/// A part of the image that shows one object.
struct Crop {
    int cls = 0;
    Image image;
};

/// How many classes a network may have.
struct ClassRange {
    static constexpr std::size_t kAny = 65'536;
    std::size_t least = 1;
    std::size_t most = kAny;
};

/// One task; a row of the table. Thread-safe.
class Task {
public:
    virtual ~Task() = default;
    virtual const TaskTraits& traits() const = 0;

    // The network

    /// Refuses a network whose inputs and outputs cannot be those of the task. @throws Error ShapeMismatch
    virtual void check(const tensors::Signature& signature, const NetworkForm& form, std::string_view area,
                       const std::string& file) const = 0;
    /// Refuses what an inference gave. @throws Error ShapeMismatch
    virtual void check(const tensors::Outputs& outputs, std::size_t images, ClassRange classes, const NetworkForm& form,
                       std::string_view area) const = 0;
    /// Number of classes by the outputs; 0 if unknown.
    virtual int classes_of(const tensors::Signature& signature, const NetworkForm& form) const = 0;
    /// How the first output begins.
    virtual const tensors::RowLayout& row_layout() const = 0;
    /// All that the network gives. Unless a task says otherwise the first output alone, without rows of its own.
    /// @throws Error ShapeMismatch if the form lacks what it takes
    virtual tensors::OutputLayout output_layout(const NetworkForm& form, std::string_view area,
                                                const std::string& file) const;
    /// Unless a task says otherwise the first output holds boxes in pixels, then scores, and further ones hold neither.
    virtual tensors::RowKind row_kind(std::size_t output, std::size_t row, std::size_t rows,
                                      const NetworkForm& form) const;

    // Images

    /// The image as the network sees it, u8 BGR, of the canvas' size. Unless a task says otherwise it is letterboxed.
    virtual Image network_image(const Image& image, const vision::LetterboxGeometry& geometry) const;
    /// The same as the network takes it: `[3, height, width]` f32 RGB, 0 to 1.
    virtual void write_input(const Image& image, const vision::LetterboxGeometry& geometry,
                             std::span<float> tensor) const;

    // Results

    /// Fills the fields of the task from one image of a batch. @throws Error ShapeMismatch
    virtual void decode(const tensors::Outputs& outputs, std::size_t image, const DecodeArgs& args,
                        const vision::LetterboxGeometry& geometry, Results& results) const = 0;
    virtual void draw(Image& image, const Results& results, const PlotArgs& args) const = 0;
    /// What `save_crop` writes, in the order of the objects. Unless a task says otherwise: `Results::boxes`.
    virtual std::vector<Crop> crops(const Results& results) const;
    /// Lines of a label file, normalised by the size of the image; empty without objects.
    virtual std::string label_lines(const Results& results, bool conf) const = 0;
    /// As Ultralytics prints it: `4 persons, 1 bus, ` or `(no detections), `.
    virtual std::string summary(const Results& results) const = 0;
    /// Adds the members of the task to one line of JSON.
    virtual void append_json(nlohmann::ordered_json& line, const Results& results, bool normalize,
                             int decimals) const = 0;

    // Validation

    virtual std::unique_ptr<Metric> metric(const MetricArgs& args) const = 0;
    /// The part of a validation that a file holds. @param description receives the text it was written with.
    /// @throws Error CorruptFile
    virtual std::unique_ptr<Metric> read_metric(std::span<const std::byte> bytes, const std::string& file,
                                                std::string& description) const = 0;
    /// One object for predictions.json: its class and the members after it, as text.
    struct CocoEntry {
        int cls = 0;
        std::string members;  ///< `"bbox": [1.5, 2.0, 30.0, 40.0], "score": 0.9`
    };
    virtual std::vector<CocoEntry> coco_entries(const Results& results) const = 0;
    /// The results of an image under its name without the suffix.
    struct NamedResults {
        std::string stem;
        const Results* results = nullptr;
    };
    /// A text file for the run folder.
    struct TextFile {
        std::string name;  ///< with its folder
        std::string text;
    };
    /// What evaluations of certain datasets take beside predictions.json. Unless a task says otherwise nothing.
    /// @param folder of the dataset's images
    virtual std::vector<TextFile> prediction_files(std::span<const NamedResults> images, const ClassNames& names,
                                                   std::string_view folder) const;
};

/// The box enlarged by 2 % and 10 px, cut at the borders of the image; empty if it lies outside.
Image crop_of(const Image& image, const Box& box);

/// To decimals, half to even, as the lines of JSON have numbers.
double rounded(double value, int decimals);

/// The name of a class, or `class3` of one without.
std::string class_name(const Results& results, int cls);

}  // namespace yolovino::tasks
