#include "engine/model/loaded_model.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/folder.hpp"
#include "base/log.hpp"
#include "engine/model/checkpoint_info.hpp"
#include "engine/model/class_names.hpp"
#include "engine/model/export_info.hpp"
#include "engine/model/image_size.hpp"
#include "engine/model/import_files.hpp"
#include "engine/model/remote_model.hpp"
#include "engine/model/runtimes.hpp"
#include "nets/network.hpp"
#include "tasks/finished_rows.hpp"
#include "tasks/lookup.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxKeypoints = 4096;

/// The file of an exported model: for a folder the `.xml` in it.
fs::path find_file(const fs::path& path) {
    if (is_remote(path)) return path;
    std::error_code error;
    if (!fs::is_directory(path, error)) return path;
    const std::vector<std::string> names = base::folder_entries(path, error);
    const auto is_xml = [](const fs::path& name) { return name.extension() == ".xml"; };
    const auto first = std::ranges::find_if(names, is_xml);
    if (first == names.end()) {
        throw Error(ErrorCode::UnsupportedFile, "model", "the folder holds no .xml file", {.file = path.string()},
                    "give an exported folder such as yolov8n_openvino_model, or a .pt file");
    }
    return path / *first;
}

/// `yolov8n` means `yolov8n.pt` where only that is there.
fs::path with_suffix(const fs::path& path) {
    if (is_remote(path)) return path;
    std::error_code ignored;
    const fs::path checkpoint = fs::path(path) += ".pt";
    const bool meant = !path.has_extension() && !fs::exists(path, ignored) && fs::is_regular_file(checkpoint, ignored);
    return meant ? checkpoint : path;
}

/// Names that are made up say nothing.
tasks::NetworkForm form_of(const ModelInfo& info) {
    return {.classes = 0, .keypoints = info.kpt_shape, .finished = info.end2end};
}

/// What fusing left may be the one-to-one branch alone.
nets::HeadForm usual_head(const nets::HeadInfo& head) {
    const bool alone = head.one_to_one && !head.one_to_many;
    return alone ? nets::HeadForm{.branch = nets::HeadForm::Branch::OneToOne, .rows = nets::HeadForm::Rows::Top}
                 : nets::HeadForm();
}

/// Rows that are finished are not transposed by an import, nor do frameworks write them in one form.
void expect_no_finished(const ModelInfo& info) {
    if (!info.end2end) return;
    throw Error(ErrorCode::UnsupportedModel, "metadata",
                "the network gives finished boxes (nms or end2end in its metadata), which are not imported",
                {.file = info.path.string()}, "export it again without nms; suppression is done here");
}

void expect_task(const std::string& requested) {
    if (requested.empty() || tasks::find_task(requested) != nullptr) return;
    throw Error(ErrorCode::InvalidArgument, "model",
                fmt::format("task is '{}', wanted {}", base::printable(requested), tasks::task_names()));
}

void expect_keypoints(KeypointShape requested) {
    const bool none = requested == KeypointShape{};
    const bool right =
        requested.count >= 1 && requested.count <= kMaxKeypoints && (requested.dims == 2 || requested.dims == 3);
    if (none || right) return;
    throw Error(ErrorCode::InvalidArgument, "model",
                fmt::format("kpt_shape is [{}, {}], wanted 1 to {} keypoints of 2 or 3 numbers", requested.count,
                            requested.dims, kMaxKeypoints));
}

std::string task_without_metadata(const fs::path& given, const fs::path& file, const std::string& requested) {
    if (!requested.empty()) return requested;
    const tasks::Task* by_name = tasks::task_of_path(given);
    if (by_name == nullptr) by_name = tasks::task_of_path(file);
    return std::string(by_name == nullptr ? kTaskNames.front() : by_name->traits().name);
}

/// As Ultralytics words it.
void warn_of_other_task(const std::string& requested, const std::string& task) {
    if (requested.empty() || requested == task) return;
    base::warn(
        "conflicting 'task={0}' passed with 'task={1}' model. Ignoring 'task={0}' and updating to 'task={1}' to "
        "match model.",
        requested, task);
}

void warn_of_other_keypoints(KeypointShape requested, const ModelInfo& info) {
    if (requested.count == 0 || requested == info.kpt_shape) return;
    base::warn("kpt_shape=[{}, {}] is ignored: the model {}", requested.count, requested.dims,
               info.kpt_shape.count == 0
                   ? std::string("has no keypoints")
                   : fmt::format("has kpt_shape: [{}, {}]", info.kpt_shape.count, info.kpt_shape.dims));
}

/// The task of an exported model. What it wants of the network is checked and completes the description.
const tasks::Task& task_of(ExportInfo& described) {
    ModelInfo& info = described.info;
    const tasks::Task* task = tasks::find_task(info.task);
    if (task == nullptr) {
        throw Error(ErrorCode::UnsupportedModel, "metadata",
                    fmt::format("the task is '{}', wanted {}", info.task, tasks::task_names()),
                    {.file = described.metadata_file});
    }
    if (!described.has_head) info.head = task->traits().heads.front();
    if (!described.signature) return *task;
    // No runtime here takes channels last or maps first, but an import brings them into order.
    if (tensors::is_channels_last(*described.signature) || tensors::is_maps_first(*described.signature)) return *task;
    info.end2end =
        info.end2end || tasks::declares_finished(*described.signature, form_of(info), !task->traits().only_boxes);
    const tasks::NetworkForm form = form_of(info);
    task->check(*described.signature, form, info.format, info.path.string());
    if (described.named) fit_names(info, task->classes_of(*described.signature, form));
    return *task;
}

}  // namespace

LoadedModel::LoadedModel(const fs::path& path, const std::string& requested_task, KeypointShape requested_keypoints)
    : given(path), format(format_of(path)) {
    expect_task(requested_task);
    expect_keypoints(requested_keypoints);
    if (format == ModelFormat::Checkpoint) {
        checkpoint = std::make_shared<const checkpoint::Checkpoint>(checkpoint::Checkpoint::open(path));
        head = usual_head(nets::read_head(*checkpoint));
        info = describe_checkpoint(*checkpoint, head);
        info.end2end = head.finished();
        info.source_sha256 = checkpoint->sha256();
        task = &tasks::task_of_head(info.head);
        info.task = task->traits().name;
    } else {
        const bool import_only = is_import_only(format);
        exported = import_only ? import_input_path(path, format) : find_file(path);
        ExportInfo described =
            format == ModelFormat::Remote ? describe_remote(path) : describe_export(exported, format);
        if (!described.has_task) described.info.task = task_without_metadata(path, exported, requested_task);
        if (described.info.kpt_shape.count == 0) described.info.kpt_shape = requested_keypoints;
        task = &task_of(described);
        info = std::move(described.info);
        named = described.named;
        if (import_only) expect_no_finished(info);
        if ((import_only || format == ModelFormat::Remote) && info.imgsz.height == 0) info.imgsz = kDefaultImageSize;
        if (format == ModelFormat::OpenVino || import_only) {
            const runtime::LoadedNetwork& loaded = network();
            info.end2end =
                info.end2end || tasks::declares_finished(loaded.signature(), form_of(info), !task->traits().only_boxes);
            info.dynamic = loaded.dynamic();
            const runtime::InputShape shape = loaded.shape();
            if (!info.dynamic) {
                info.imgsz = shape.size;
                info.batch = shape.batch;
            }
            if (named) {
                fit_names(info, task->classes_of(loaded.signature(), form_of(info)));
            } else if (import_only) {
                info.names.resize(static_cast<std::size_t>(task->classes_of(loaded.signature(), form_of(info))));
            }
        }
    }
    warn_of_other_task(requested_task, info.task);
    warn_of_other_keypoints(requested_keypoints, info);
    names = std::make_shared<const ClassNames>(info.names);
}

LoadedModel::LoadedModel(const LoadedModel& other, const nets::HeadForm& requested)
    : checkpoint(other.checkpoint),
      head(requested),
      given(other.given),
      format(other.format),
      task(other.task),
      info(other.info),
      names(other.names) {
    info.end2end = head.finished();
    count_fused(*checkpoint, head, info);
}

std::shared_ptr<const LoadedModel> LoadedModel::variant(const nets::HeadForm& requested) const {
    constexpr std::size_t kMostKept = 4;
    const std::lock_guard lock(mutex_);
    const auto found = variants_.find(requested);
    if (found != variants_.end()) return found->second;
    auto made = std::make_shared<const LoadedModel>(*this, requested);
    if (variants_.size() == kMostKept) variants_.clear();
    return variants_.emplace(requested, std::move(made)).first->second;
}

tasks::NetworkForm LoadedModel::form() const {
    return {.classes = named ? info.names.size() : 0, .keypoints = info.kpt_shape, .finished = info.end2end};
}

void LoadedModel::warn_if_unnamed() const {
    if (named || !is_import_only(format)) return;
    std::call_once(unnamed_, [&] {
        base::warn("no metadata with names in or beside {}: classes are named class0, class1, …",
                   base::printable(exported.string()));
    });
}

RuntimeChoice LoadedModel::runtime(Runtime requested) const {
    const std::lock_guard lock(mutex_);
    return runtime_locked(requested);
}

const RuntimeChoice& LoadedModel::runtime_locked(Runtime requested) const {
    const auto found = choices_.find(requested);
    if (found != choices_.end()) return found->second;
    return choices_.emplace(requested, choose_runtime(format, requested, info.path)).first->second;
}

runtime::LoadedNetwork& LoadedModel::network(Runtime requested) const {
    const std::lock_guard lock(mutex_);
    return network_locked(requested);
}

runtime::LoadedNetwork& LoadedModel::network_locked(Runtime requested) const {
    const Runtime chosen = runtime_locked(requested).runtime;
    const auto found = networks_.find(chosen);
    if (found != networks_.end()) return *found->second;
    std::unique_ptr<runtime::LoadedNetwork> loaded =
        row_of(chosen).load({checkpoint.get(), head, exported, format, info, *task});
    return *networks_.emplace(chosen, std::move(loaded)).first->second;
}

std::unique_ptr<runtime::LoadedNetwork> LoadedModel::features(Runtime requested,
                                                              const nets::FeatureLayers& wanted) const {
    if (!checkpoint) {
        throw Error(ErrorCode::InvalidArgument, "model", "an export gives the results of its last layer only",
                    {.file = info.path.string()}, "give the checkpoint (.pt)");
    }
    return row_of(runtime(requested).runtime).load({checkpoint.get(), head, exported, format, info, *task, &wanted});
}

std::shared_ptr<runtime::CompiledNetwork> LoadedModel::compiled(const runtime::RuntimeArgs& requested,
                                                                const runtime::InputShape& shape) const {
    const std::lock_guard lock(mutex_);
    runtime::RuntimeArgs args = requested;
    args.runtime = runtime_locked(requested.runtime).runtime;
    runtime::LoadedNetwork& loaded = network_locked(args.runtime);
    return compiled_.get(loaded, args, shape);
}

std::shared_ptr<const LoadedModel> open_model(const fs::path& path, const std::string& task, KeypointShape kpt_shape) {
    return std::make_shared<const LoadedModel>(with_suffix(path), task, kpt_shape);
}

}  // namespace yolovino::engine
