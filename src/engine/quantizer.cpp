#include "engine/quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <mutex>
#include <set>

#include "yolovino/model.hpp"
#include "yolovino/version.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "data/dataset.hpp"
#include "data/file_source.hpp"
#include "data/paths.hpp"
#include "quantize/report.hpp"
#include "runtime/calibration.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"
#include "writers/openvino/quantizer.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFewImages = 100;
constexpr std::uint64_t kMaxReportBytes = 256U << 20U;

std::vector<std::string> all_images(const ExportArgs& args) {
    const fs::path path = args.data;
    const fs::path suffix = path.extension();
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return data::images_below(path);
    if (suffix == ".yaml" || suffix == ".yml") return data::read_dataset(path, args.split).images;
    return data::find_media(args.data).images;
}

std::vector<std::string> calibration_images(const ExportArgs& args) {
    std::vector<std::string> images = all_images(args);
    if (images.empty()) {
        throw Error(ErrorCode::NotFound, "quantize", "data holds no picture", {.file = args.data},
                    "give a dataset YAML or a folder of at least 100 pictures of the real use");
    }
    const auto share = static_cast<std::size_t>(std::nearbyint(static_cast<double>(images.size()) * args.fraction));
    if (share == 0) {
        throw Error(ErrorCode::InvalidArgument, "quantize",
                    fmt::format("fraction={} of {} images leaves none", args.fraction, images.size()));
    }
    images.resize(share);
    return images;
}

/// The pictures as prediction prepares them. What cannot be read is told once.
class Pictures {
public:
    Pictures(const std::vector<std::string>& files, ImageSize size) : files_(files), told_(files.size(), 0) {
        input.size = size;
        input.images = files.size();
        input.fill = [this](std::size_t index, std::span<float> tensor) { return fill(index, tensor); };
    }
    Pictures(const Pictures&) = delete;
    Pictures& operator=(const Pictures&) = delete;
    ~Pictures() = default;

    runtime::CalibrationInput input;

private:
    bool fill(std::size_t index, std::span<float> tensor) {
        try {
            const Image image = vision::load_image(files_[index]);
            const auto geometry = vision::LetterboxGeometry::fit(image.size(), input.size);
            vision::letterbox_to_tensor(image, geometry, tensor);
            return true;
        } catch (const Error& error) {
            if (!data::is_skippable(error.code())) throw;
            const std::lock_guard lock(mutex_);
            if (told_[index]++ == 0) base::warn("picture skipped: {}", error.what());
            return false;
        }
    }

    const std::vector<std::string>& files_;
    std::mutex mutex_;
    std::vector<char> told_;
};

void list_images(const std::vector<std::string>& files, const std::vector<std::size_t>& used, QuantizationInfo& info) {
    std::string hashes;
    for (const std::size_t index : used) {
        info.images.push_back({files[index], base::sha256(base::RandomAccessFile(files[index]))});
        hashes += info.images.back().sha256 + "\n";
    }
    info.images_sha256 = base::sha256(hashes);
    info.unreadable = files.size() - used.size();
}

/// A convolution that the CPU computes in floats has lost the FakeQuantize at its input or its 8-bit weights.
void expect_int8(const std::vector<LayerPrecision>& layers, const std::vector<QuantizedConvolution>& convolutions) {
    if (layers.empty() || !runtime::cpu_has_int8()) {
        base::warn("this CPU does not compute in 8 bits: whether every layer would is not checked");
        return;
    }
    std::vector<std::string> lost;
    for (const QuantizedConvolution& convolution : convolutions) {
        const bool found = std::ranges::any_of(layers, [&](const LayerPrecision& layer) {
            return layer.kind == "Convolution" && (layer.precision == "u8" || layer.precision == "i8") &&
                   std::ranges::find(layer.covers, convolution.node) != layer.covers.end();
        });
        if (!found) lost.push_back(convolution.name);
    }
    if (lost.empty()) return;
    throw Error(ErrorCode::RuntimeFailure, "quantize",
                fmt::format("{} of {} convolutions would not run in 8 bits: {}", lost.size(), convolutions.size(),
                            base::printable(fmt::format("{}", fmt::join(lost, ", ")))),
                {}, "leave them in float with float_layers");
}

/// What guard tries: the network with some layers in float, compared on some pictures.
class Guard {
public:
    Guard(const std::shared_ptr<const ov::Model>& model, const runtime::CalibrationInput& input,
          const runtime::Calibration& calibration, bool verbose)
        : model_(model), input_(input), all_(calibration), few_(calibration), verbose_(verbose) {
        few_.sample.resize(std::min(few_.sample.size(), kRankingImages));
        few_.answers.resize(few_.sample.size());
    }

    /// Adds the layers that are worth it to `kept`, and the damage without each layer to `rows`.
    void run(std::set<std::string>& kept, std::vector<QuantizedConvolution>& rows) const {
        std::vector<QuantizedConvolution*> ranking;
        std::size_t done = 0;
        for (QuantizedConvolution& row : rows) {
            base::emit_progress("Guard: trying layers in float", done++, rows.size());
            row.damage_without = damage(with(kept, row.name), few_);
            ranking.push_back(&row);
        }
        base::emit_progress("Guard: trying layers in float", rows.size(), rows.size());
        std::ranges::stable_sort(ranking, {}, [](const QuantizedConvolution* row) { return *row->damage_without; });
        ranking.resize(std::min(ranking.size(), kCandidates));
        double current = damage(kept, all_);
        std::size_t added = 0;
        for (const QuantizedConvolution* row : ranking) {
            if (added == kMaxLayers) break;
            const double next = damage(with(kept, row->name), all_);
            if (!(next < current * (1 - kLeastGain))) continue;
            if (verbose_)
                base::info("INT8: guard leaves {} in float, damage {:.3f} → {:.3f}", row->name, current, next);
            kept.insert(row->name);
            current = next;
            ++added;
        }
    }

private:
    static constexpr std::size_t kRankingImages = 16;
    static constexpr std::size_t kCandidates = 8;
    static constexpr std::size_t kMaxLayers = 3;
    static constexpr double kLeastGain = 0.02;

    static std::set<std::string> with(std::set<std::string> layers, const std::string& one) {
        layers.insert(one);
        return layers;
    }

    double damage(const std::set<std::string>& float_layers, const runtime::Calibration& pictures) const {
        constexpr bool kQuiet = true;
        const auto trial = writers::openvino::quantize_model(model_, all_.statistics, float_layers);
        return runtime::try_quantized(trial.model, input_, pictures, kQuiet).damage.total();
    }

    std::shared_ptr<const ov::Model> model_;
    const runtime::CalibrationInput& input_;
    const runtime::Calibration& all_;
    runtime::Calibration few_;
    bool verbose_;
};

void log_result(const QuantizationInfo& info) {
    const QuantizationDamage& damage = info.damage;
    base::info("INT8: {} convolutions in 8 bits, {} left in float", info.convolutions.size(), info.float_layers.size());
    if (damage.anchors == 0) {
        base::warn("the float model finds nothing on {} calibration images: the damage cannot be measured",
                   damage.images);
        return;
    }
    base::info("INT8: damage against float on {} images: boxes {:.3f} px, scores {:.4f}", damage.images, damage.box_px,
               damage.score);
}

}  // namespace

QuantizedExport quantize(const std::shared_ptr<const ov::Model>& model, const ExportArgs& args, ImageSize imgsz) {
    const std::vector<std::string> files = calibration_images(args);
    const std::vector<std::string> layers = writers::openvino::quantizable_layers(model);
    std::set<std::string> kept = writers::openvino::match_layers(layers, args.float_layers);
    if (args.verbose) base::info("INT8: calibrating on {} images of data={}", files.size(), base::printable(args.data));
    if (files.size() < kFewImages) {
        base::warn("{} images are few to calibrate on: {} or more of the real use give reliable ranges", files.size(),
                   kFewImages);
    }
    Pictures pictures(files, imgsz);
    const runtime::Calibration calibration = runtime::calibrate(model, pictures.input);
    auto quantized = writers::openvino::quantize_model(model, calibration.statistics, kept);
    if (args.guard) {
        Guard(model, pictures.input, calibration, args.verbose).run(kept, quantized.convolutions);
        const std::vector<QuantizedConvolution> measured = std::move(quantized.convolutions);
        quantized = writers::openvino::quantize_model(model, calibration.statistics, kept);
        for (QuantizedConvolution& row : quantized.convolutions)
            row.damage_without = std::ranges::find(measured, row.name, &QuantizedConvolution::name)->damage_without;
    }
    const runtime::QuantizedTrial trial = runtime::try_quantized(quantized.model, pictures.input, calibration);
    expect_int8(trial.layers, quantized.convolutions);

    QuantizedExport out{quantized.model, {}};
    out.info.tool = fmt::format("yolovino {}", version());
    out.info.engine = openvino_version();
    out.info.method = "mse";
    out.info.data = args.data;
    out.info.split = args.split;
    out.info.imgsz = imgsz;
    list_images(files, calibration.used, out.info);
    out.info.float_layers = {kept.begin(), kept.end()};
    out.info.activations = std::move(quantized.activations);
    out.info.convolutions = std::move(quantized.convolutions);
    out.info.damage = trial.damage;
    if (args.verbose) log_result(out.info);
    return out;
}

std::optional<QuantizationInfo> read_quantization(const Model::State& model) {
    if (model.format != ModelFormat::OpenVino) return std::nullopt;
    const fs::path file = model.exported.parent_path() / kQuantizationFile;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return std::nullopt;
    return quantize::parse_json(base::read_text_file(file, kMaxReportBytes), file.string());
}

std::vector<LayerPrecision> layer_precisions(const Model::State& model, const std::string& device) {
    if (model.format != ModelFormat::OpenVino) {
        throw Error(ErrorCode::InvalidArgument, "model",
                    "only an OpenVINO model tells in which element type its layers run",
                    {.file = model.info.path.string()});
    }
    const runtime::InputShape shape = {model.info.batch, model.info.imgsz};
    runtime::RuntimeArgs args;
    args.device = device;
    return model.compiled(args, shape)->layers();
}

}  // namespace yolovino::engine
