#include "engine/quantizer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "yolovino/model.hpp"
#include "yolovino/version.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/calibration_images.hpp"
#include "engine/int8_check.hpp"
#include "quantize/report.hpp"
#include "runtime/calibration.hpp"
#include "runtime/cpu_isa.hpp"
#include "writers/openvino/quantizer.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxReportBytes = 256U << 20U;

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

/// What the instruction set of this CPU makes of the model; docs/quantization.md has the figures.
void log_cpu(const std::set<std::string>& float_layers) {
    if (runtime::computes_bf16_with_amx()) {
        base::info(
            "INT8: this CPU computes bf16 with AMX: INT8 saves memory, not time, against the float model with its "
            "default precision");
    } else if (!runtime::has_vnni() && float_layers.empty()) {
        base::info(
            "INT8: this CPU has no VNNI: for CPUs like it, leave the first convolution in float, float_layers=0");
    }
}

void copy_damage(const std::vector<QuantizedConvolution>& measured, std::vector<QuantizedConvolution>& rows) {
    for (QuantizedConvolution& row : rows)
        row.damage_without = std::ranges::find(measured, row.name, &QuantizedConvolution::name)->damage_without;
}

/// What comes before the decision on the form of the result.
class Preparation {
public:
    Preparation(std::shared_ptr<const ov::Model> model, const ExportArgs& args, ImageSize imgsz, writers::Reach reach)
        : files(calibration_images(args)),
          pictures(files, imgsz),
          kept(writers::openvino::match_layers(writers::openvino::quantizable_layers(model), args.float_layers)),
          model_(std::move(model)),
          args_(args) {
        if (args.verbose)
            base::info("INT8: calibrating on {} images of data={}", files.size(), base::printable(args.data));
        calibration = runtime::calibrate(model_, pictures.input(), reach);
    }

    /// Adds to `kept` and returns the rows with the damage without each.
    std::vector<QuantizedConvolution> guard(std::vector<QuantizedConvolution> rows) {
        Guard(model_, pictures.input(), calibration, args_.verbose).run(kept, rows);
        return rows;
    }

    QuantizationInfo report(const QuantizationDamage& damage) const {
        QuantizationInfo info;
        info.tool = fmt::format("yolovino {}", version());
        info.engine = openvino_version();
        info.method = "mse";
        info.data = args_.data;
        info.split = args_.split;
        info.imgsz = pictures.input().size;
        list_images(files, calibration.used, info);
        info.damage = damage;
        return info;
    }

    std::vector<std::string> files;
    Pictures pictures;
    std::set<std::string> kept;
    runtime::Calibration calibration;

private:
    std::shared_ptr<const ov::Model> model_;
    const ExportArgs& args_;
};

}  // namespace

QuantizedExport quantize(const std::shared_ptr<const ov::Model>& given, const ExportArgs& args, ImageSize imgsz) {
    const std::shared_ptr<const ov::Model> model = runtime::widened(given);
    Preparation prepared(model, args, imgsz, writers::Reach::Inputs);
    auto quantized = writers::openvino::quantize_model(model, prepared.calibration.statistics, prepared.kept);
    if (args.guard) {
        const auto measured = prepared.guard(quantized.convolutions);
        quantized = writers::openvino::quantize_model(model, prepared.calibration.statistics, prepared.kept);
        copy_damage(measured, quantized.convolutions);
    }
    const runtime::QuantizedTrial trial =
        runtime::try_quantized(quantized.model, prepared.pictures.input(), prepared.calibration);
    expect_int8(trial.layers, quantized.convolutions, runtime::cpu_has_int8());

    QuantizedExport out{quantized.model, prepared.report(trial.damage)};
    out.info.float_layers = {prepared.kept.begin(), prepared.kept.end()};
    out.info.activations = std::move(quantized.activations);
    out.info.convolutions = std::move(quantized.convolutions);
    if (args.verbose) {
        log_result(out.info);
        log_cpu(prepared.kept);
    }
    return out;
}

QuantizationInfo quantize_codes(const std::shared_ptr<const ov::Model>& model, const ExportArgs& args, ImageSize imgsz,
                                const WriteCodes& write) {
    Preparation prepared(model, args, imgsz, writers::Reach::Steps);
    auto plan = writers::openvino::plan_codes(model, prepared.calibration.statistics, prepared.kept);
    if (args.guard) {
        const auto measured = prepared.guard(plan.convolutions);
        plan = writers::openvino::plan_codes(model, prepared.calibration.statistics, prepared.kept);
        copy_damage(measured, plan.convolutions);
    }
    const runtime::QuantizedTrial trial =
        runtime::try_quantized(write(plan.codes), prepared.pictures.input(), prepared.calibration);
    QuantizationInfo info = prepared.report(trial.damage);
    info.float_layers = std::move(plan.float_layers);
    info.activations = std::move(plan.activations);
    info.convolutions = std::move(plan.convolutions);
    if (args.verbose) log_result(info);
    return info;
}

fs::path report_beside(const fs::path& onnx) {
    return onnx.parent_path() / fmt::format("{}.{}", onnx.stem().string(), kQuantizationFile);
}

std::optional<QuantizationInfo> read_quantization(const Model::State& model) {
    fs::path file;
    if (model.format == ModelFormat::OpenVino) file = model.exported.parent_path() / kQuantizationFile;
    if (model.format == ModelFormat::Onnx) file = report_beside(model.exported);
    if (file.empty()) return std::nullopt;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return std::nullopt;
    return quantize::parse_json(base::read_text_file(file, kMaxReportBytes), file.string());
}

std::vector<LayerPrecision> layer_precisions(const Model::State& model, const std::string& device) {
    const runtime::InputShape shape = {std::max(1, model.info.batch), model.info.imgsz};
    if (model.format == ModelFormat::TorchScript) {
        throw Error(ErrorCode::InvalidArgument, "info",
                    "device lists the layers as OpenVINO runs them, and OpenVINO does not read TorchScript",
                    {.file = model.given.string()}, "leave device out, or give the .pt checkpoint");
    }
    runtime::RuntimeArgs args;
    args.device = device;
    args.runtime = model.runtime(Runtime::OpenVino).runtime;
    return model.compiled(args, shape)->layers();
}

}  // namespace yolovino::engine
