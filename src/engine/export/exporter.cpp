#include "engine/export/exporter.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <future>
#include <optional>
#include <string_view>

#include "yolovino/formats.hpp"
#include "yolovino/version.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/export/int8_alarm.hpp"
#include "engine/export/quantizer.hpp"
#include "engine/model/checkpoint_info.hpp"
#include "engine/model/head_choice.hpp"
#include "engine/model/image_size.hpp"
#include "nets/network.hpp"
#include "openvino/lowering.hpp"
#include "quantize/report.hpp"
#include "runtime/openvino/session/network.hpp"
#include "tasks/lookup.hpp"
#include "writers/metadata.hpp"
#include "writers/onnx/file.hpp"
#include "writers/openvino/folder.hpp"
#include "writers/torchscript/file.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr double kMebi = 1024.0 * 1024.0;  // Ultralytics writes MB and means MiB

/// The time of the export, or the one of SOURCE_DATE_EPOCH, so that builds can be repeated to the byte.
std::string export_date() {
    std::time_t now = std::time(nullptr);
    if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH")) {
        const std::string_view text = epoch;
        long long seconds = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (error != std::errc{} || end != text.data() + text.size() || seconds < 0 || seconds > 253402300799) {
            throw Error(ErrorCode::InvalidArgument, "export",
                        fmt::format("SOURCE_DATE_EPOCH is '{}', wanted seconds since 1970", text));
        }
        now = static_cast<std::time_t>(seconds);
    }
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}+00:00", fmt::gmtime(now));
}

writers::Format writer_of(const ExportFormat& format) {
    if (format.name == "onnx") return writers::Format::Onnx;
    if (format.name == "torchscript") return writers::Format::TorchScript;
    return writers::Format::OpenVino;
}

std::string text_of(ImageSize size) {
    return size.height == size.width ? std::to_string(size.height) : fmt::format("{},{}", size.height, size.width);
}

/// The dataset of the training where its name means something here; a path of another machine does not.
std::string data_argument(const ModelInfo& info) {
    const auto found = std::ranges::find(info.train_args, "data", &std::pair<std::string, std::string>::first);
    if (found == info.train_args.end()) return {};
    const std::string& data = found->second;
    if (data.empty() || data == "None") return {};
    const bool portable =
        data.find("://") != std::string::npos || data.find_first_of("/\\") == std::string::npos || base::is_file(data);
    return portable ? "data=" + base::printable(data) : std::string();
}

/// What to type next, as Ultralytics words it.
void log_finish(const fs::path& result, const ModelInfo& info, const ExportArgs& args, ImageSize imgsz,
                double seconds) {
    const std::string slash = find_export_format(args.format).name == "openvino" ? "/" : "";
    const std::string options =
        fmt::format("task={} model={}{} imgsz={}", info.task, result.string(), slash, text_of(imgsz));
    const std::string_view quantize = args.half ? "quantize=16" : "";
    base::info("");
    base::info("Export complete ({:.1f}s)", seconds);
    base::info("Results saved to {}", fs::absolute(result).string());
    base::info("Predict:         yolo predict {} {}", options, quantize);
    base::info("Validate:        yolo val {} {} {}", options, data_argument(info), quantize);
    base::info("Visualize:       https://netron.app");
}

/// `(1, 84, 8400)`, of several outputs `((1, 116, 8400), (1, 32, 160, 160))`.
std::string output_text(const graph::Graph& graph) {
    std::vector<std::string> shapes;
    for (const graph::Node& node : graph.nodes()) {
        if (std::holds_alternative<graph::op::Output>(node.operation))
            shapes.push_back(fmt::format("({})", fmt::join(node.outputs.front(), ", ")));
    }
    return shapes.size() == 1 ? shapes.front() : fmt::format("({})", fmt::join(shapes, ", "));
}

/// @param shapes the network with the shape that is named here, though the export may be dynamic
void log_start(const fs::path& checkpoint, const ModelInfo& info, const ExportArgs& args, ImageSize imgsz,
               const nets::Network& shapes) {
    const double gflops = shapes.cost.fused_gflops() / args.batch;
    base::info("{} summary (fused): {} layers, {} parameters, 0 gradients, {:.1f} GFLOPs", info.name, info.fused_layers,
               with_thousands(info.fused_parameters), gflops);
    base::info("");
    base::info("PyTorch: starting from '{}' with input shape ({}, 3, {}, {}) BCHW and output shape(s) {} ({:.1f} MB)",
               checkpoint.string(), args.batch, imgsz.height, imgsz.width, output_text(shapes.graph),
               static_cast<double>(base::size_on_disk(checkpoint)) / kMebi);
    base::info("");
}

/// One line on what does the writing, and on what an option means where that is not obvious.
void log_writer(const ExportFormat& format, const ExportArgs& args) {
    switch (writer_of(format)) {
        case writers::Format::OpenVino:
            return log_openvino();
        case writers::Format::Onnx:
            return base::info("{}: starting export with onnx {} opset {}...", format.label,
                              writers::onnx::library_version(), args.opset.value_or(writers::onnx::kDefaultOpset));
        case writers::Format::TorchScript:
            base::info("{}: starting export with yolovino {}...", format.label, version());
            if (args.optimize)
                base::info("{}: optimize=True changes nothing, the network is written fused", format.label);
            return;
    }
}

tasks::NetworkForm form_of(const writers::Metadata& metadata) {
    // 8 bits are measured before boxes are chosen
    return {.classes = metadata.names.size(), .keypoints = metadata.kpt_shape, .finished = false};
}

/// A network as it is written, and with a column of every anchor: 8 bits are measured there.
struct Networks {
    graph::Graph written;
    std::optional<graph::Graph> raw;  ///< nothing where that is what is written

    const graph::Graph& measured() const { return raw ? *raw : written; }
};

/// The damage is measured on a trial, before the file gets its name.
void write_quantized_onnx(const Networks& networks, const writers::Metadata& metadata, const ExportArgs& args,
                          writers::onnx::Options options, const fs::path& result) {
    quantize::Codes codes;
    const QuantizationInfo info =
        quantize_codes(openvino::lower(networks.measured()), args, metadata.imgsz, tasks::task_named(metadata.task),
                       form_of(metadata), [&](const quantize::Codes& planned) {
                           codes = planned;
                           options.codes = &codes;
                           const base::PendingPath trial(fs::path(result) += ".trial", base::PendingPath::Kind::Folder);
                           const fs::path file = trial.path() / result.filename();
                           writers::onnx::write_file(networks.measured(), metadata, options, file);
                           return runtime::read_openvino(file);
                       });
    writers::onnx::write_file(networks.written, metadata, options, result);
    base::write_text_file(report_beside(result), quantize::to_json(info));
}

void write(const Networks& networks, const writers::Metadata& metadata, const ExportArgs& args, const std::string& stem,
           const fs::path& result) {
    const graph::Graph& graph = networks.written;
    switch (metadata.format) {
        case writers::Format::OpenVino: {
            if (args.int8) {
                const auto chosen = networks.raw ? openvino::lower(graph) : nullptr;
                return write_quantized({openvino::lower(networks.measured()), chosen, &graph}, metadata, args, stem,
                                       result);
            }
            base::PendingPath pending(result, base::PendingPath::Kind::Folder);
            writers::openvino::write_folder(graph, metadata, pending.path(), stem);
            return pending.commit();
        }
        case writers::Format::Onnx: {
            const writers::onnx::Options options = {.opset = args.opset.value_or(writers::onnx::kDefaultOpset)};
            if (args.int8) return write_quantized_onnx(networks, metadata, args, options, result);
            return writers::onnx::write_file(graph, metadata, options, result);
        }
        case writers::Format::TorchScript:
            return writers::torchscript::write_file(graph, metadata, result);
    }
}

Networks build_networks(const checkpoint::Checkpoint& checkpoint, const nets::InputShape& input,
                        const nets::HeadForm& head, bool int8) {
    Networks networks{nets::build_network(checkpoint, input, head).graph, {}};
    if (int8 && head.finished()) networks.raw = nets::build_network(checkpoint, input, {.branch = head.branch}).graph;
    return networks;
}

/// What describes an imported network that does not describe itself.
void refuse_description(const fs::path& file, const ExportArgs& args, std::string_view kind) {
    for (const auto& [given, name] : {std::pair(!args.names.empty(), "names"), {args.stride.has_value(), "stride"}}) {
        if (!given) continue;
        throw Error(ErrorCode::InvalidArgument, "export",
                    fmt::format("{} is for imported models, {} has its own", name, kind), {.file = file.string()},
                    fmt::format("leave {} out", name));
    }
}

}  // namespace

void expect_raw(const fs::path& file, const ModelInfo& info, const ExportArgs& args) {
    const auto fail = [&](const std::string& message) {
        throw Error(ErrorCode::InvalidArgument, "export", message, {.file = file.string()},
                    "export the .pt checkpoint");
    };
    if (info.end2end)
        fail("the network chooses boxes itself (nms or end2end), wanted one with a column of every anchor");
    if (args.nms == true) fail("nms=True is for a checkpoint");
}

namespace {

/// Validation is square: checked before the calibration, which takes long.
void expect_square(const ExportArgs& args, ImageSize imgsz) {
    if (args.max_drop && imgsz.height != imgsz.width)
        throw Error(ErrorCode::InvalidArgument, "export",
                    fmt::format("max_drop needs a square imgsz to validate, it is {}", text_of(imgsz)));
}

}  // namespace

writers::Metadata metadata_of(const fs::path& source, const ModelInfo& info, const ExportArgs& args, ImageSize imgsz) {
    writers::Metadata metadata;
    metadata.format = writer_of(find_export_format(args.format));
    metadata.description = info.description;
    metadata.date = export_date();
    metadata.version = std::string(version());
    metadata.license = info.license.empty() ? "AGPL-3.0 License (https://ultralytics.com/license)" : info.license;
    metadata.stride = info.strides.back();
    metadata.task = info.task;
    metadata.head = info.head;
    metadata.batch = args.batch;
    metadata.imgsz = imgsz;
    metadata.names = info.names;
    metadata.kpt_shape = info.kpt_shape;
    metadata.kpt_names = info.kpt_names;
    metadata.half = args.half;
    metadata.int8 = args.int8;
    if (args.int8) {
        metadata.data = args.data;
        metadata.fraction = args.fraction;
    }
    metadata.nms = args.nms;
    metadata.dynamic = args.dynamic;
    metadata.simplify = args.simplify;
    metadata.opset = args.opset;
    metadata.source = source.filename().string();
    return metadata;
}

void log_success(const ExportFormat& format, const fs::path& result, const ModelInfo& info, const ExportArgs& args,
                 ImageSize imgsz, double seconds) {
    base::info("{}: export success ✅ {:.1f}s, saved as '{}{}' ({:.1f} MB)", format.label, seconds, result.string(),
               writer_of(format) == writers::Format::OpenVino ? "/" : "",
               static_cast<double>(base::size_on_disk(result)) / kMebi);
    log_finish(result, info, args, imgsz, seconds);
}

void write_quantized(const QuantizedSource& source, const writers::Metadata& metadata, const ExportArgs& args,
                     const std::string& stem, const fs::path& result) {
    const QuantizedExport quantized = quantize(source.model, args, metadata.imgsz, tasks::task_named(metadata.task),
                                               form_of(metadata), source.written);
    base::PendingPath pending(result, base::PendingPath::Kind::Folder);
    writers::openvino::write_folder(quantized.model, source.graph, metadata, pending.path(), stem);
    base::write_text_file(pending.path() / kQuantizationFile, quantize::to_json(quantized.info));
    pending.commit();
}

/// int8 wins over half, as in Ultralytics.
ExportArgs normalize_export_args(const ExportArgs& args) {
    check_export(args);
    ExportArgs out = args;
    if (args.int8 && args.half) {
        base::warn("half=True is ignored: int8=True wins");
        out.half = false;
    }
    return out;
}

void log_openvino() {
    base::info("{}: starting export with openvino {}...", find_export_format("openvino").label, openvino_version());
}

fs::path export_checkpoint(const checkpoint::Checkpoint& checkpoint, const ModelInfo& info,
                           const ExportArgs& requested) {
    refuse_description(checkpoint.path(), requested, "a checkpoint");
    ExportArgs args = normalize_export_args(requested);
    const nets::HeadForm head = exported_head(nets::read_head(checkpoint), args);
    const base::Stopwatch total;
    const ExportFormat& format = find_export_format(args.format);
    const ImageSize imgsz = round_up_to_stride(args.imgsz.value_or(info.imgsz), info.strides.back());
    expect_square(args, imgsz);
    const std::string stem = checkpoint.path().stem().string();
    const fs::path parent = args.output_folder.empty() ? checkpoint.path().parent_path() : args.output_folder;
    fs::path result = parent / (stem + (args.int8 ? "_int8" : "") + std::string(format.suffix));

    // The hash needs the whole file once; it runs beside the reading of the weights.
    std::future<std::string> hash = std::async(std::launch::async, [&] { return checkpoint.sha256(); });
    writers::Metadata metadata = metadata_of(checkpoint.path(), info, args, imgsz);
    metadata.end2end = head.rows == nets::HeadForm::Rows::Top;
    const nets::InputShape input =
        args.dynamic ? nets::InputShape::dynamic() : nets::InputShape{args.batch, imgsz.height, imgsz.width};
    const Networks networks = build_networks(checkpoint, input, head, args.int8);
    if (args.verbose) {
        const nets::InputShape fixed{args.batch, imgsz.height, imgsz.width};
        // As Ultralytics without the suppression that is put behind it
        nets::HeadForm shown = head;
        if (shown.rows == nets::HeadForm::Rows::Suppressed) shown.rows = nets::HeadForm::Rows::Raw;
        ModelInfo counted = info;
        count_fused(checkpoint, shown, counted);
        log_start(checkpoint.path(), counted, args, imgsz, nets::build_shapes(checkpoint, fixed, shown));
        log_writer(format, args);
    }
    if (args.half && metadata.format == writers::Format::TorchScript) {
        base::warn(
            "FP16 TorchScript: PyTorch 2 computes it on the CPU; with LibTorch 1.13 call .float() on the module");
    }
    metadata.source_sha256 = hash.get();
    write(networks, metadata, args, stem, result);
    if (args.verbose) log_success(format, result, info, args, imgsz, total.elapsed_ms() / 1000);
    if (args.max_drop) warn_of_drop(checkpoint.path(), result, args, imgsz);
    return result;
}

fs::path export_quantized(const fs::path& xml, const ModelInfo& info, const ExportArgs& requested) {
    refuse_description(xml, requested, "an OpenVINO folder");
    expect_raw(xml, info, requested);
    const ExportArgs normalized = normalize_export_args(requested);
    if (find_export_format(normalized.format).name != "openvino") {
        throw Error(ErrorCode::InvalidArgument, "export",
                    fmt::format("an OpenVINO model becomes 8-bit OpenVINO, not '{}'", normalized.format),
                    {.file = xml.string()}, "export the .pt checkpoint");
    }
    const base::Stopwatch total;
    if (!info.dynamic && normalized.imgsz && *normalized.imgsz != info.imgsz) {
        throw Error(
            ErrorCode::InvalidArgument, "export",
            fmt::format("imgsz is {}, the network is made for {}", text_of(*normalized.imgsz), text_of(info.imgsz)),
            {.file = xml.string()}, "leave imgsz out, or export the .pt checkpoint");
    }
    // The shape is the network's own.
    ExportArgs args = normalized;
    args.batch = info.batch;
    args.dynamic = info.dynamic;
    const ImageSize imgsz = round_up_to_stride(args.imgsz.value_or(info.imgsz), info.strides.back());
    expect_square(args, imgsz);
    const ExportFormat& format = find_export_format(args.format);
    const std::string stem = xml.stem().string();
    const fs::path folder = fs::absolute(xml).parent_path();
    const fs::path parent = args.output_folder.empty() ? folder.parent_path() : args.output_folder;
    fs::path result = parent / (stem + "_int8" + std::string(format.suffix));
    writers::Metadata metadata = metadata_of(folder, info, args, imgsz);
    metadata.source_sha256 = info.source_sha256;
    if (args.verbose) log_writer(format, args);
    write_quantized({runtime::read_openvino(xml), nullptr, nullptr}, metadata, args, stem, result);
    if (args.verbose) log_success(format, result, info, args, imgsz, total.elapsed_ms() / 1000);
    if (args.max_drop) warn_of_drop(folder, result, args, imgsz);
    return result;
}

}  // namespace yolovino::engine
