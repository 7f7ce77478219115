#include "engine/export/importer.hpp"

#include <fmt/format.h>

#include "yolovino/formats.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "engine/export/exporter.hpp"
#include "engine/model/export_info.hpp"
#include "engine/model/image_size.hpp"
#include "engine/model/import_files.hpp"
#include "runtime/openvino/import/import.hpp"
#include "writers/openvino/folder.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void refuse(const LoadedModel& model, const std::string& message, std::string_view hint = {}) {
    throw Error(ErrorCode::InvalidArgument, "export", message, {.file = model.given.string()}, hint);
}

void check(const LoadedModel& model, const ExportArgs& args) {
    if (model.format == ModelFormat::TorchScript)
        refuse(model, "a TorchScript archive is not imported", "export the .pt checkpoint");
    if (find_export_format(args.format).name != "openvino") {
        refuse(model, fmt::format("format={} is written from a .pt checkpoint only", args.format),
               "an imported model becomes format=openvino");
    }
    const bool stays_int8 = model.format == ModelFormat::TfLite && !args.int8;
    if (model.info.int8 && !stays_int8) refuse(model, "the model is quantized already, wanted one in floats");
}

/// What the file says, completed by the arguments.
ModelInfo described(const LoadedModel& model, const ExportArgs& args, int classes) {
    ModelInfo info = model.info;
    if (args.stride) info.strides = {*args.stride};
    if (!args.names.empty()) info.names = args.names;
    if (args.names.empty() && !model.named) info.names.resize(static_cast<std::size_t>(classes));
    if (static_cast<int>(info.names.size()) != classes) {
        refuse(model, fmt::format("{} names {} classes, the network gives {}",
                                  args.names.empty() ? "the metadata" : "names=", info.names.size(), classes));
    }
    return info;
}

/// The requested size, else the file's, else what its metadata says.
runtime::ImportShape shape_of(const LoadedModel& model, const ExportArgs& args, ImageSize imgsz) {
    runtime::ImportShape shape{.keep = false, .dynamic = args.dynamic, .fixed = {args.batch, imgsz}, .usual = imgsz};
    const bool was_dynamic = model.info.dynamic;
    shape.keep = args.dynamic && was_dynamic;
    return shape;
}

/// Beside the source. A folder is not replaced by what is made of itself, so what changes is added to the name.
fs::path result_of(const LoadedModel& model, const ExportArgs& args, std::string& stem) {
    const fs::path file = fs::absolute(model.exported);
    const bool in_folder = model.format == ModelFormat::OpenVino || model.format == ModelFormat::Paddle;
    fs::path home = in_folder ? file.parent_path() : file;
    // X2Paddle puts the program into a folder of its own.
    if (model.format == ModelFormat::Paddle && home.filename() == kPaddleProgramFolder) home = home.parent_path();
    stem = import_stem(model.format == ModelFormat::Paddle ? home : file);
    fs::path parent = args.output_folder;
    if (parent.empty()) parent = model.given.is_absolute() ? home.parent_path() : fs::proximate(home.parent_path());
    if (parent == ".") parent.clear();
    const auto folder = [&] { return parent / (stem + (args.int8 ? "_int8" : "") + "_openvino_model"); };
    std::error_code ignored;
    if (!fs::equivalent(folder(), home, ignored)) return folder();
    if (args.imgsz) stem += fmt::format("_{}x{}", args.imgsz->height, args.imgsz->width);
    if (args.batch != model.info.batch && !args.dynamic) stem += fmt::format("_batch{}", args.batch);
    if (args.dynamic) stem += "_dynamic";
    if (args.half) stem += "_half";
    if (fs::equivalent(folder(), home, ignored))
        refuse(model, "the model is an OpenVINO folder already",
               "give what to change: imgsz, batch, dynamic, half, or int8");
    return folder();
}

void log_source(const LoadedModel& model, const runtime::ImportedNetwork& network) {
    constexpr double kMebi = 1024.0 * 1024.0;
    // The weights are files of their own in some formats.
    std::uintmax_t bytes = base::size_on_disk(model.exported);
    for (const char* suffix : {".bin", ".pdiparams", ".caffemodel"}) {
        const fs::path weights = fs::path(model.exported).replace_extension(suffix);
        if (weights != model.exported && base::is_file(weights)) bytes += base::size_on_disk(weights);
    }
    base::info("{}: starting from '{}' with input {} and output {} ({:.1f} MB)",
               runtime::title_of(framework_of(model.format)), model.given.string(), network.input, network.output,
               static_cast<double>(bytes) / kMebi);
    if (network.nhwc) base::info("The input is transposed: the result takes [N, 3, H, W]");
    if (network.anchors_first)
        base::info("The output is transposed: the result gives {}", model.task->row_layout().text);
    if (network.reordered) base::info("The outputs are put in order: the result gives the maps last");
    if (network.maps_last) base::info("The maps are transposed: the result gives [N, maps, height, width]");
    if (network.quantized)
        base::info("The network is quantized and stays so; the input and the output of the result are float");
    if (network.relative_boxes) base::info("The boxes are relative to the input: the result gives pixels");
    if (network.relative_points) base::info("The points are relative to the input: the result gives pixels");
    base::info("");
}

}  // namespace

fs::path export_imported(const LoadedModel& model, const ExportArgs& requested) {
    const ExportArgs args = normalize_export_args(requested);
    check(model, args);
    expect_raw(model.given, model.info, args);
    const base::Stopwatch total;
    const ModelInfo& source = model.info;
    const int stride = args.stride.value_or(source.strides.back());
    const ImageSize usual = source.imgsz.height > 0 ? source.imgsz : kDefaultImageSize;
    const ImageSize imgsz = args.imgsz ? round_up_to_stride(*args.imgsz, stride) : usual;
    if (args.stride && !args.dynamic && (imgsz.height % stride != 0 || imgsz.width % stride != 0)) {
        refuse(model,
               fmt::format("stride is {}, which does not divide the input {}x{}", stride, imgsz.height, imgsz.width));
    }
    std::string stem;
    const fs::path result = result_of(model, args, stem);
    const runtime::ImportedNetwork network =
        runtime::import_network(model.exported, framework_of(model.format), shape_of(model, args, imgsz),
                                model.task->output_layout(model.form(), "import", model.exported.string()));
    if (network.quantized && args.int8) refuse(model, "the model is quantized already, wanted one in floats");
    if (args.names.empty()) model.warn_if_unnamed();
    const ModelInfo info = described(model, args, network.classes);
    if (args.verbose) {
        log_source(model, network);
        log_openvino();
    }
    writers::Metadata metadata = metadata_of(model.exported, info, args, imgsz);
    metadata.int8 = args.int8 || network.quantized;
    const fs::path file = model.format == ModelFormat::SavedModel ? model.exported / kSavedModelFile : model.exported;
    metadata.source_sha256 = base::sha256(base::RandomAccessFile(file));
    if (args.int8) {
        write_quantized({network.model, nullptr, nullptr}, metadata, args, stem, result);
    } else {
        base::PendingPath pending(result, base::PendingPath::Kind::Folder);
        writers::openvino::write_folder(network.model, nullptr, metadata, pending.path(), stem);
        writers::openvino::write_mapping(*network.model, pending.path(), stem);
        pending.commit();
    }
    if (args.verbose)
        log_success(find_export_format(args.format), result, info, args, imgsz, total.elapsed_ms() / 1000);
    return result;
}

}  // namespace yolovino::engine
