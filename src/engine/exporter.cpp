#include "engine/exporter.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <future>
#include <string_view>

#include "yolovino/version.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/image_size.hpp"
#include "nets/network.hpp"
#include "writers/metadata.hpp"
#include "writers/openvino/folder.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxBatch = 4096;
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

void check(const ExportArgs& args) {
    if (args.format != "openvino") {
        throw Error(ErrorCode::InvalidArgument, "export",
                    fmt::format("format '{}' is unknown, wanted openvino", args.format));
    }
    if (args.batch < 1 || args.batch > kMaxBatch) {
        throw Error(ErrorCode::InvalidArgument, "export",
                    fmt::format("batch is {}, wanted 1 to {}", args.batch, kMaxBatch));
    }
}

writers::Metadata metadata_of(const checkpoint::Checkpoint& checkpoint, const ModelInfo& info, const ExportArgs& args,
                              ImageSize imgsz) {
    writers::Metadata metadata;
    metadata.description = info.description;
    metadata.date = export_date();
    metadata.version = std::string(version());
    metadata.license = info.license.empty() ? "AGPL-3.0 License (https://ultralytics.com/license)" : info.license;
    metadata.stride = info.strides.back();
    metadata.batch = args.batch;
    metadata.imgsz = imgsz;
    metadata.names = info.names;
    metadata.half = args.half;
    metadata.dynamic = args.dynamic;
    metadata.source = checkpoint.path().filename().string();
    return metadata;
}

std::string text_of(ImageSize size) {
    return size.height == size.width ? std::to_string(size.height) : fmt::format("{},{}", size.height, size.width);
}

/// What to type next, as Ultralytics words it.
void log_finish(const fs::path& folder, const ModelInfo& info, const ExportArgs& args, ImageSize imgsz,
                double seconds) {
    const std::string options = fmt::format("task={} model={} imgsz={} {}", info.task, folder.string(), text_of(imgsz),
                                            args.half ? "half=True " : "");
    const auto data = std::find_if(info.train_args.begin(), info.train_args.end(),
                                   [](const auto& arg) { return arg.first == "data"; });
    base::info("");
    base::info("Export complete ({:.1f}s)", seconds);
    base::info("Results saved to {}", fs::absolute(folder).string());
    base::info("Predict:         yolo predict {}", options);
    base::info("Validate:        yolo val {}data={}{}", options,
               data == info.train_args.end() ? "None" : base::printable(data->second),
               imgsz.height == imgsz.width ? "" : " WARNING ⚠️ non-PyTorch val requires square images");
    base::info("Visualize:       https://netron.app");
}

}  // namespace

fs::path export_checkpoint(const checkpoint::Checkpoint& checkpoint, const ModelInfo& info, const ExportArgs& args) {
    check(args);
    const base::Stopwatch total;
    const ImageSize imgsz = round_up_to_stride(args.imgsz.value_or(info.imgsz), info.strides.back());
    const std::string stem = checkpoint.path().stem().string();
    const fs::path parent = args.output_folder.empty() ? checkpoint.path().parent_path() : args.output_folder;
    const fs::path folder = parent / (stem + "_openvino_model");

    // The hash needs the whole file once; it runs beside the reading of the weights.
    std::future<std::string> hash = std::async(std::launch::async, [&] { return checkpoint.sha256(); });
    writers::Metadata metadata = metadata_of(checkpoint, info, args, imgsz);
    const nets::InputShape input =
        args.dynamic ? nets::InputShape::dynamic() : nets::InputShape{args.batch, imgsz.height, imgsz.width};
    const graph::Graph graph = nets::build_network(checkpoint, input).graph;
    if (args.verbose) {
        base::info("{} summary (fused): {} layers, {} parameters, 0 gradients, {:.1f} GFLOPs", info.name,
                   info.fused_layers, with_thousands(info.fused_parameters), info.fused_gflops);
        base::info("");
        base::info(
            "PyTorch: starting from '{}' with input shape ({}, 3, {}, {}) BCHW and output shape(s) {} ({:.1f} MB)",
            checkpoint.path().string(), args.batch, imgsz.height, imgsz.width, output_text(info, imgsz, args.batch),
            static_cast<double>(base::size_on_disk(checkpoint.path())) / kMebi);
        base::info("");
        base::info("OpenVINO: starting export with openvino {}...", openvino_version());
    }
    base::PendingPath pending(folder, base::PendingPath::Kind::Folder);
    metadata.source_sha256 = hash.get();
    writers::openvino::write_folder(graph, metadata, pending.path(), stem);
    const double megabytes = static_cast<double>(base::size_on_disk(pending.path())) / kMebi;
    pending.commit();
    if (args.verbose) {
        const double seconds = total.elapsed_ms() / 1000;
        base::info("OpenVINO: export success ✅ {:.1f}s, saved as '{}/' ({:.1f} MB)", seconds, folder.string(),
                   megabytes);
        log_finish(folder, info, args, imgsz, seconds);
    }
    return folder;
}

}  // namespace yolovino::engine
