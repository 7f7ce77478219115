#include "engine/val_plan.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <set>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "engine/image_size.hpp"

namespace yolovino::engine {

namespace {

void check(const ValArgs& args) {
    const auto expect = [](bool ok, const std::string& message) {
        if (!ok) throw Error(ErrorCode::InvalidArgument, "val", message);
    };
    expect(!args.data.empty(), "data is missing: give a dataset YAML, for example data=coco128.yaml");
    const double conf = args.conf.value_or(kValConf);
    expect(conf >= 0 && conf <= 1, fmt::format("conf is {}, wanted 0 to 1", conf));
    expect(args.iou >= 0 && args.iou <= 1, fmt::format("iou is {}, wanted 0 to 1", args.iou));
    expect(args.max_det >= 1, fmt::format("max_det is {}, wanted at least 1", args.max_det));
    expect(args.batch >= 1 && args.batch <= 4096, fmt::format("batch is {}, wanted 1 to 4096", args.batch));
    expect(args.workers >= 0, fmt::format("workers is {}, wanted at least 0", args.workers));
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
void fit_classes(const Model::State& model, const ValArgs& args, ValPlan& plan) {
    const int given = model.network(args.runtime).classes();
    const std::size_t classes = given > 0 ? static_cast<std::size_t>(given) : model.info.names.size();
    const ClassNames& data_names = plan.split.names;
    const std::size_t most = std::max(classes, data_names.size());
    for (const int cls : args.classes.value_or(std::vector<int>())) {
        if (cls < 0 || static_cast<std::size_t>(cls) >= most) {
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

/// Gives each class that the annotations do not know an id that they do not use.
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

void fit_shape(const Model::State& model, const ValArgs& args, ValPlan& plan) {
    const runtime::LoadedNetwork& network = model.network(args.runtime);
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

void cut_batches(const Model::State& model, const ValArgs& args, ValPlan& plan) {
    std::vector<std::size_t> order(plan.scan.samples.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto ratio = [&](std::size_t i) {
        const ImageSize size = plan.scan.samples[i].size;
        return static_cast<double>(size.height) / size.width;
    };
    const bool rect = args.rect && plan.dynamic;
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

}  // namespace

ValPlan plan_val(const Model::State& model, const ValArgs& args) {
    check(args);
    ValPlan plan;
    read_shard(args.shard, plan);
    plan.split = data::read_dataset(args.data, args.split);
    fit_classes(model, args, plan);
    fit_shape(model, args, plan);
    plan.scan =
        args.annotations.empty() ? data::scan_labels(plan.split) : data::scan_annotations(plan.split, args.annotations);
    if (args.verbose) {
        base::info("{}: Scanning {}... {} images, {} backgrounds, {} corrupt", base::printable(args.split),
                   base::printable(plan.scan.folder.string()), plan.scan.found, plan.scan.backgrounds,
                   plan.scan.corrupt);
    }
    complete_categories(plan);
    choose_labels(args, plan);
    cut_batches(model, args, plan);
    return plan;
}

}  // namespace yolovino::engine
