#include "engine/export/quantizer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "yolovino/model.hpp"
#include "yolovino/version.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/export/calibration_images.hpp"
#include "engine/export/int8_check.hpp"
#include "engine/export/int8_objects.hpp"
#include "openvino/quantizer.hpp"
#include "quantize/damage.hpp"
#include "quantize/report.hpp"
#include "runtime/cpu_isa.hpp"
#include "runtime/openvino/calibrate/calibration.hpp"
#include "runtime/openvino/calibrate/widened.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxReportBytes = 256U << 20U;

/// What guard tries: the network with some layers in float, compared on some images.
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

    double damage(const std::set<std::string>& float_layers, const runtime::Calibration& images) const {
        constexpr bool kQuiet = true;
        const auto trial = openvino::quantize_model(model_, all_.statistics, float_layers);
        return runtime::try_quantized(trial.model, input_, images, kQuiet).damage.total();
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
    const std::string boxes = damage.box_px > 0 ? fmt::format("boxes {:.3f} px, ", damage.box_px) : std::string();
    base::info("INT8: damage against float on {} images: {}scores {:.4f}", damage.images, boxes, damage.score);
    if (damage.objects) base::info("INT8: results of both: {}", quantize::to_text(*damage.objects));
}

/// What the instruction set of this CPU makes of the model; docs/quantize.md has the figures.
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
    Preparation(std::shared_ptr<const ov::Model> model, const ExportArgs& args, ImageSize imgsz,
                const tasks::Task& task, const tasks::NetworkForm& form, quantize::Reach reach)
        : files(calibration_images(args)),
          images(files, imgsz, task, form.classes),
          kept(openvino::match_layers(openvino::quantizable_layers(model), args.float_layers)),
          model_(std::move(model)),
          args_(args),
          task_(task),
          form_(form) {
        if (args.verbose)
            base::info("INT8: calibrating on {} images of data={}", files.size(), base::printable(args.data));
        calibration = runtime::calibrate(model_, images.input(), reach);
    }

    /// Adds to `kept` and returns the rows with the damage without each.
    std::vector<QuantizedConvolution> guard(std::vector<QuantizedConvolution> rows) {
        Guard(model_, images.input(), calibration, args_.verbose).run(kept, rows);
        return rows;
    }

    QuantizationInfo report(const std::shared_ptr<const ov::Model>& quantized, const QuantizationDamage& damage) const {
        QuantizationInfo info;
        info.tool = fmt::format("yolovino {}", version());
        info.engine = openvino_version();
        info.method = "mse";
        info.data = args_.data;
        info.split = args_.split;
        info.imgsz = images.input().size;
        list_images(files, calibration.used, info);
        info.damage = damage;
        info.damage.objects = compare_objects(model_, quantized, {task_, form_, images.input(), calibration});
        return info;
    }

    std::vector<std::string> files;
    CalibrationImages images;
    std::set<std::string> kept;
    runtime::Calibration calibration;

private:
    std::shared_ptr<const ov::Model> model_;
    const ExportArgs& args_;
    const tasks::Task& task_;
    const tasks::NetworkForm& form_;
};

/// What `make` gives for the layers that stay in float; with guard, made again after it has added to them.
template <typename Make>
auto plan_with_guard(Preparation& prepared, bool guard, const Make& make) {
    auto plan = make();
    if (!guard) return plan;
    const auto measured = prepared.guard(plan.convolutions);
    plan = make();
    copy_damage(measured, plan.convolutions);
    return plan;
}

}  // namespace

QuantizedExport quantize(const std::shared_ptr<const ov::Model>& given, const ExportArgs& args, ImageSize imgsz,
                         const tasks::Task& task, const tasks::NetworkForm& form,
                         const std::shared_ptr<const ov::Model>& written) {
    const std::shared_ptr<const ov::Model> model = runtime::widened(given);
    Preparation prepared(model, args, imgsz, task, form, quantize::Reach::Inputs);
    auto quantized = plan_with_guard(prepared, args.guard, [&] {
        return openvino::quantize_model(model, prepared.calibration.statistics, prepared.kept);
    });
    const runtime::QuantizedTrial trial =
        runtime::try_quantized(quantized.model, prepared.images.input(), prepared.calibration);
    expect_int8(trial.layers, quantized.convolutions, runtime::cpu_has_int8());

    QuantizedExport out{quantized.model, prepared.report(quantized.model, trial.damage)};
    if (written) out.model = openvino::quantize_model(written, prepared.calibration.statistics, prepared.kept).model;
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
                                const tasks::Task& task, const tasks::NetworkForm& form, const WriteCodes& write) {
    Preparation prepared(model, args, imgsz, task, form, quantize::Reach::Steps);
    auto plan = plan_with_guard(prepared, args.guard, [&] {
        return openvino::plan_codes(model, prepared.calibration.statistics, prepared.kept);
    });
    const std::shared_ptr<const ov::Model> written = write(plan.codes);
    const runtime::QuantizedTrial trial =
        runtime::try_quantized(written, prepared.images.input(), prepared.calibration);
    QuantizationInfo info = prepared.report(written, trial.damage);
    info.float_layers = std::move(plan.float_layers);
    info.activations = std::move(plan.activations);
    info.convolutions = std::move(plan.convolutions);
    if (args.verbose) log_result(info);
    return info;
}

fs::path report_beside(const fs::path& onnx) {
    return onnx.parent_path() / fmt::format("{}.{}", onnx.stem().string(), kQuantizationFile);
}

std::optional<QuantizationInfo> read_quantization(const LoadedModel& model) {
    fs::path file;
    if (model.format == ModelFormat::OpenVino) file = model.exported.parent_path() / kQuantizationFile;
    if (model.format == ModelFormat::Onnx) file = report_beside(model.exported);
    if (file.empty()) return std::nullopt;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) return std::nullopt;
    return quantize::parse_json(base::read_text_file(file, kMaxReportBytes), file.string());
}

std::vector<LayerPrecision> layer_precisions(const LoadedModel& model, const std::string& device) {
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
