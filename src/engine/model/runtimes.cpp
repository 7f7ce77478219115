#include "engine/model/runtimes.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <utility>

#include "yolovino/devices.hpp"

#include "engine/model/remote_model.hpp"
#include "nets/network.hpp"
#include "runtime/libtorch/libtorch.hpp"
#include "runtime/onnxruntime/network.hpp"
#include "runtime/openvino/import/import.hpp"
#include "runtime/openvino/session/device.hpp"
#include "runtime/openvino/session/network.hpp"
#include "runtime/remote/network.hpp"

namespace yolovino::engine {

namespace {

using Loaded = std::unique_ptr<runtime::LoadedNetwork>;

tasks::NetworkForm form_of(const NetworkFile& file) {
    return {.classes = 0, .keypoints = file.info.kpt_shape, .finished = file.info.end2end};
}

tensors::SignatureCheck check_of(const NetworkFile& file) {
    return [task = &file.task, form = form_of(file)](const tensors::Signature& signature, std::string_view area,
                                                     const std::string& name) {
        task->check(signature, form, area, name);
    };
}

/// What a compiled network is kept under: of one checkpoint several networks can be built.
std::string identity_of(const NetworkFile& file) {
    if (file.features != nullptr) {
        return fmt::format("{} {} {}", file.info.source_sha256, file.features->means ? "means" : "maps",
                           fmt::join(file.features->layers, " "));
    }
    const nets::HeadForm& head = file.head;
    if (head == nets::HeadForm()) return file.info.source_sha256;
    return fmt::format("{} branch {} rows {} most {} agnostic {}", file.info.source_sha256,
                       static_cast<int>(head.branch), static_cast<int>(head.rows), head.most, head.agnostic);
}

/// Builds what is asked of a checkpoint, which has to outlive it; the rest of `file` has not.
std::function<graph::Graph()> builder_of(const NetworkFile& file) {
    if (file.features != nullptr) {
        return [checkpoint = file.checkpoint, features = *file.features] {
            return nets::build_features(*checkpoint, nets::InputShape::dynamic(), features).graph;
        };
    }
    return [checkpoint = file.checkpoint, head = file.head] {
        return nets::build_network(*checkpoint, nets::InputShape::dynamic(), head).graph;
    };
}

Loaded load_openvino(const NetworkFile& file) {
    if (file.checkpoint != nullptr) {
        // Features are not what the task gives.
        return runtime::load_openvino({identity_of(file), builder_of(file),
                                       file.features == nullptr ? check_of(file) : tensors::SignatureCheck()});
    }
    runtime::preload_openvino();
    if (!is_import_only(file.format)) return runtime::load_openvino(file.exported, check_of(file));
    return runtime::load_import(file.exported, framework_of(file.format), file.info.imgsz,
                                file.task.output_layout(form_of(file), "import", file.exported.string()),
                                check_of(file));
}

Loaded load_onnxruntime(const NetworkFile& file) {
    return runtime::load_onnxruntime(file.exported, check_of(file));
}

Loaded load_libtorch(const NetworkFile& file) {
    if (file.checkpoint != nullptr)
        return runtime::load_libtorch(std::make_shared<const graph::Graph>(builder_of(file)()));
    return runtime::load_libtorch(file.exported, {file.info.dynamic, {file.info.batch, file.info.imgsz}});
}

Loaded load_remote(const NetworkFile& file) {
    return runtime::load_remote(remote_place(file.exported), check_of(file));
}

}  // namespace

std::unique_ptr<runtime::LoadedNetwork> load_graph(graph::Graph graph, Runtime runtime) {
    if (runtime == Runtime::LibTorch)
        return runtime::load_libtorch(std::make_shared<const graph::Graph>(std::move(graph)));
    return runtime::load_openvino(graph);
}

std::span<const RuntimeRow> runtime_table() {
    using Format = ModelFormat;
    static constexpr RuntimeRow kTable[] = {
        {Runtime::OpenVino, "OpenVINO",
         [](Format format) { return format != Format::TorchScript && format != Format::Remote; }, openvino_version,
         load_openvino},
        {Runtime::OnnxRuntime, "ONNX Runtime", [](Format format) { return format == Format::Onnx; },
         runtime::onnxruntime_version, load_onnxruntime},
        {Runtime::LibTorch, "LibTorch",
         [](Format format) { return format == Format::TorchScript || format == Format::Checkpoint; },
         runtime::libtorch_version, load_libtorch},
        {Runtime::Remote, "KServe v2", [](Format format) { return format == Format::Remote; }, http_version,
         load_remote},
    };
    return kTable;
}

const RuntimeRow& row_of(Runtime runtime) {
    const std::span<const RuntimeRow> table = runtime_table();
    const auto found = std::ranges::find(table, runtime, &RuntimeRow::runtime);
    return found == table.end() ? table.front() : *found;
}

std::string_view title_of(Runtime runtime) {
    return row_of(runtime).title;
}

}  // namespace yolovino::engine
