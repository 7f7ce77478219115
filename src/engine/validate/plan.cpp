#include "engine/validate/plan.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "data/class_folders.hpp"
#include "engine/model/image_size.hpp"
#include "options/check.hpp"

namespace yolovino::engine {

namespace {

void check(const ValArgs& args) {
    options::check(args);
    if (!args.data.empty()) return;
    throw Error(ErrorCode::InvalidArgument, "val",
                "data is missing: give a dataset YAML, for example data=coco128.yaml, or for classify a folder");
}

/// `i/n`, both from 1.
void read_shard(const std::string& text, ValPlan& plan) {
    if (text.empty()) return;
    const char* const end = text.data() + text.size();
    const auto [slash, first_error] = std::from_chars(text.data(), end, plan.shard);
    const bool split = first_error == std::errc{} && slash != end && *slash == '/';
    const auto [rest, second_error] =
        split ? std::from_chars(slash + 1, end, plan.shards) : std::from_chars_result{end, std::errc::invalid_argument};
    constexpr std::size_t kMaxShards = 100'000;
    if (second_error != std::errc{} || rest != end || plan.shard < 1 || plan.shard > plan.shards ||
        plan.shards > kMaxShards) {
        throw Error(
            ErrorCode::InvalidArgument, "val",
            fmt::format("shard is '{}', wanted i/n with i from 1 to n, for example 1/4", base::printable(text)));
    }
}

/// Says in one line where the classes of the model and of the dataset differ.
void warn_of_classes(const ClassNames& names, const ClassNames& data_names) {
    std::string text;
    if (names.size() > data_names.size()) {
        text = fmt::format(
            "the model has {} classes, the dataset {}: what it finds of the others counts in the confusion matrix "
            "alone",
            names.size(), data_names.size());
    }
    const auto [ours, theirs] = std::ranges::mismatch(names, data_names);
    if (theirs != data_names.end()) {
        text += fmt::format("{}class {} is '{}' in the model and '{}' in the dataset", text.empty() ? "" : "; ",
                            ours - names.begin(), base::printable(*ours), base::printable(*theirs));
    }
    if (!text.empty()) base::warn("{}", text);
}

/// Settles the names of the network's classes. It may have more than the dataset; labels of less would have no place.
void fit_classes(const LoadedModel& model, const ValArgs& args, ValPlan& plan) {
    const int given = model.task->classes_of(model.network(args.runtime.kind).signature(), model.form());
    const std::size_t classes = given > 0 ? static_cast<std::size_t>(given) : model.info.names.size();
    const ClassNames& data_names = plan.split.names;
    const std::size_t most = std::max(classes, data_names.size());
    for (const int cls : args.classes.value_or(std::vector<int>())) {
        if (static_cast<std::size_t>(cls) >= most) {
            throw Error(ErrorCode::InvalidArgument, "val",
                        fmt::format("classes holds {}, the {} has 0 to {}", cls,
                                    classes > data_names.size() ? "model" : "dataset", most - 1));
        }
    }
    if (args.single_cls) {
        plan.names = {data_names.size() == 1 ? data_names.front() : "item"};
        return;
    }
    if (classes < data_names.size()) {
        throw Error(ErrorCode::ShapeMismatch, "val",
                    fmt::format("the model has {} classes, the dataset {}", classes, data_names.size()),
                    {.file = plan.split.yaml.string()}, "give the dataset that the model was trained for");
    }
    plan.names = model.named ? model.info.names : data_names;
    while (plan.names.size() < classes) plan.names.push_back(fmt::format("class_{}", plan.names.size()));
    warn_of_classes(plan.names, data_names);
}

/// Keypoints are compared one by one.
void check_keypoints(const LoadedModel& model, const ValPlan& plan) {
    if (model.task->traits().labels != data::LabelForm::Keypoints) return;
    const auto text = [](KeypointShape shape) { return fmt::format("[{}, {}]", shape.count, shape.dims); };
    const KeypointShape& ours = model.info.kpt_shape;
    const KeypointShape& theirs = plan.split.keypoints;
    if (theirs.count == 0) {
        throw Error(ErrorCode::InvalidArgument, "val", "the dataset has no key 'kpt_shape', which pose needs",
                    {.file = plan.split.yaml.string()}, "add kpt_shape: " + text(ours));
    }
    if (ours != theirs) {
        throw Error(ErrorCode::ShapeMismatch, "val",
                    fmt::format("the model has keypoints {}, the dataset kpt_shape: {}", text(ours), text(theirs)),
                    {.file = plan.split.yaml.string()}, "give the dataset that the model was trained for");
    }
}

/// The class of the model for each folder: by name if it has any of the names, or else in their order. -1: none.
std::vector<int> classes_of(const data::ClassFolders& folders, const ClassNames& names) {
    const auto named = [&](const data::ClassFolders::Folder& folder) {
        const auto found = std::ranges::find(names, folder.name);
        return found == names.end() ? -1 : static_cast<int>(found - names.begin());
    };
    const bool by_name = std::ranges::any_of(folders.folders, [&](const auto& each) { return named(each) >= 0; });
    std::vector<int> classes;
    for (const data::ClassFolders::Folder& folder : folders.folders) {
        const auto next = static_cast<int>(classes.size());
        classes.push_back(by_name ? named(folder) : std::cmp_less(next, names.size()) ? next : -1);
        if (classes.back() < 0 && !folder.images.empty()) {
            base::warn("the model has no class '{}': {} image(s) of it are skipped", base::printable(folder.name),
                       folder.images.size());
        }
    }
    return classes;
}

/// A dataset whose folders are the classes.
void read_folders(const LoadedModel& model, const ValArgs& args, ValPlan& plan) {
    if (!args.annotations.empty())
        throw Error(ErrorCode::InvalidArgument, "val", "annotations are of no use here: the folders are the classes");
    const data::ClassFolders folders = data::read_class_folders(args.data, args.split);
    plan.split.yaml = args.data;
    plan.split.split = folders.path.filename().string();
    const int given = model.task->classes_of(model.network(args.runtime.kind).signature(), model.form());
    plan.names = model.named ? model.info.names : folders.names;
    while (std::cmp_less(plan.names.size(), given)) plan.names.push_back(fmt::format("class_{}", plan.names.size()));
    if (folders.names.size() != plan.names.size()) {
        base::warn("the dataset has {} classes, the model {}", folders.names.size(), plan.names.size());
    }
    const std::vector<int> classes = classes_of(folders, plan.names);
    std::vector<int> of_images;
    for (std::size_t i = 0; i < folders.folders.size(); ++i) {
        if (classes[i] < 0) continue;
        const std::vector<std::string>& images = folders.folders[i].images;
        plan.split.images.insert(plan.split.images.end(), images.begin(), images.end());
        of_images.insert(of_images.end(), images.size(), classes[i]);
    }
    plan.split.names = plan.names;
    if (of_images.empty()) {
        throw Error(ErrorCode::ShapeMismatch, "val", "no folder of the dataset is a class of the model",
                    {.file = folders.path.string()}, "give the dataset that the model was trained for");
    }
    plan.scan = data::scan_folders(plan.split, of_images);
    plan.scan.folder = folders.path;
}

/// Gives each class that is not in the annotations an id that they do not use.
void complete_categories(ValPlan& plan) {
    std::map<int, int>& ids = plan.scan.category_ids;
    if (ids.empty()) return;
    std::set<int> used;
    for (const auto& [cls, id] : ids) used.insert(id);
    int next = 1;
    for (int cls = 0; cls < static_cast<int>(plan.names.size()); ++cls) {
        if (ids.contains(cls)) continue;
        while (used.contains(next)) ++next;
        ids.emplace(cls, next++);
    }
}

void fit_shape(const LoadedModel& model, const ValArgs& args, ValPlan& plan) {
    const runtime::LoadedNetwork& network = model.network(args.runtime.kind);
    const runtime::InputShape fixed = network.shape();
    plan.dynamic = network.dynamic();
    if (!plan.dynamic && fixed.size.height > 0) {
        plan.imgsz = fixed.size;
        plan.network_batch = fixed.batch;
        if (args.imgsz && *args.imgsz != plan.imgsz)
            base::warn("imgsz={} is ignored: the exported network takes {},{}", args.imgsz->height, plan.imgsz.height,
                       plan.imgsz.width);
        if (args.verbose)
            base::info("Setting batch={} input of shape ({}, 3, {}, {})", plan.network_batch, plan.network_batch,
                       plan.imgsz.height, plan.imgsz.width);
        return;
    }
    ImageSize wanted = args.imgsz.value_or(model.info.imgsz.height > 0 ? model.info.imgsz : ImageSize{640, 640});
    const int side = std::max(wanted.height, wanted.width);
    if (wanted.height != wanted.width)
        base::warn("validation is square, updating imgsz=[{}, {}] to {}", wanted.height, wanted.width, side);
    plan.imgsz = round_up_to_stride({side, side}, std::max(model.info.strides.back(), 32));
    plan.network_batch = plan.dynamic ? args.batch : 1;
}

/// The canvas that Ultralytics gives a batch whose sides have these ratios, height by width. The half keeps a border
/// even where none is needed: a batch of squares at 640 becomes 672 x 672.
ImageSize rectangle(double lowest, double highest, int side, int stride) {
    double height = 1;
    double width = 1;
    if (highest < 1) {
        height = highest;
    } else if (lowest > 1) {
        width = 1 / lowest;
    }
    const auto round = [&](double share) { return static_cast<int>(std::ceil(share * side / stride + 0.5)) * stride; };
    return {round(height), round(width)};
}

void split_batches(const LoadedModel& model, const ValArgs& args, ValPlan& plan) {
    std::vector<std::size_t> order(plan.scan.samples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto ratio = [&](std::size_t i) {
        const ImageSize size = plan.scan.samples[i].size;
        return static_cast<double>(size.height) / size.width;
    };
    const bool rect = args.rect && plan.dynamic && model.task->traits().letterboxed;
    if (rect) std::ranges::stable_sort(order, {}, ratio);
    const auto step = static_cast<std::size_t>(plan.network_batch);
    for (std::size_t first = 0, number = 0; first < order.size(); first += step, ++number) {
        if (number % plan.shards != plan.shard - 1) continue;
        ValBatch batch{number, plan.imgsz, {}};
        const std::size_t end = std::min(first + step, order.size());
        batch.samples.assign(order.begin() + static_cast<std::ptrdiff_t>(first),
                             order.begin() + static_cast<std::ptrdiff_t>(end));
        if (rect) {
            batch.canvas = rectangle(ratio(batch.samples.front()), ratio(batch.samples.back()), plan.imgsz.height,
                                     std::max(model.info.strides.back(), 32));
        }
        plan.batches.push_back(std::move(batch));
    }
    if (plan.batches.empty()) {
        throw Error(ErrorCode::InvalidArgument, "val",
                    fmt::format("shard {}/{} is empty: there are fewer batches than shards", plan.shard, plan.shards));
    }
}

/// Leaves the labels of the chosen classes, under one class if all count as one.
void choose_labels(const ValArgs& args, ValPlan& plan) {
    plan.scan.instances = 0;
    for (data::Sample& sample : plan.scan.samples) {
        if (args.classes) {
            std::erase_if(sample.labels, [&](const data::Label& label) {
                return std::ranges::find(*args.classes, label.cls) == args.classes->end();
            });
        }
        if (args.single_cls) {
            for (data::Label& label : sample.labels) label.cls = 0;
        }
        plan.scan.instances += sample.labels.size();
    }
    if (plan.scan.instances == 0)
        throw Error(ErrorCode::InvalidArgument, "val", "no label is of the chosen classes",
                    {.file = plan.split.yaml.string()});
}

void read_labels(const LoadedModel& model, const ValArgs& args, ValPlan& plan) {
    plan.split = data::read_dataset(args.data, args.split);
    fit_classes(model, args, plan);
    check_keypoints(model, plan);
    fit_shape(model, args, plan);
    const data::LabelForm form = model.task->traits().labels;
    plan.scan = args.annotations.empty() ? data::scan_labels(plan.split, form)
                                         : data::scan_annotations(plan.split, args.annotations, form);
    if (args.verbose) {
        base::info("{}: Scanning {}... {} images, {} backgrounds, {} corrupt", base::printable(args.split),
                   base::printable(plan.scan.folder.string()), plan.scan.found, plan.scan.backgrounds,
                   plan.scan.corrupt);
    }
    complete_categories(plan);
    choose_labels(args, plan);
}

}  // namespace

ValPlan plan_val(const LoadedModel& model, const ValArgs& args) {
    check(args);
    ValPlan plan;
    read_shard(args.shard, plan);
    if (model.task->traits().labels == data::LabelForm::Folders) {
        read_folders(model, args, plan);
        fit_shape(model, args, plan);
        if (args.verbose)
            base::info("{}: {}... {} images in {} classes, {} corrupt", base::printable(args.split),
                       base::printable(plan.scan.folder.string()), plan.scan.found, plan.names.size(),
                       plan.scan.corrupt);
    } else {
        read_labels(model, args, plan);
    }
    split_batches(model, args, plan);
    return plan;
}

}  // namespace yolovino::engine
