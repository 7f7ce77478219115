#include "engine/validate/run.hpp"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "base/processors.hpp"
#include "base/share_indices.hpp"
#include "data/file_source.hpp"
#include "engine/model/augmented_network.hpp"
#include "engine/model/head_choice.hpp"
#include "engine/predict/input_tensor.hpp"
#include "engine/predict/runtime_setup.hpp"
#include "engine/validate/report.hpp"
#include "runtime/model_cache.hpp"
#include "tasks/task.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::engine {

namespace {

constexpr std::size_t kMosaicBatches = 3;
constexpr std::size_t kMosaicTiles = 16;
constexpr std::size_t kLongRun = 64;  // images from which a second compiled network pays

/// One image of a batch on its way.
struct Slot {
    std::size_t sample = 0;
    vision::LetterboxGeometry geometry;
    Image tile;  ///< letterboxed, if a mosaic needs it
};

class Run {
public:
    Run(const LoadedModel& model, const ValPlan& plan, const ValArgs& args)
        : model_(model), plan_(plan), args_(args), parts_(plan.batches.size()) {
        runtime_args_ = runtime_args(model, args.runtime);
        if (args.augment && can_augment(model)) augmented_.emplace(model);
        // Larger batches keep all cores busy without help.
        const bool side_by_side = args.runtime.performance == Performance::Auto &&
                                  runtime_args_.runtime == Runtime::OpenVino && !plan.dynamic &&
                                  plan.network_batch == 1 && parts_.size() >= kLongRun;
        if (side_by_side) runtime_args_.performance = Performance::Throughput;
        const double conf = args.conf.value_or(model.task->traits().val_conf);
        metric_args_ = {.protocol = parse_protocol(args.protocol),
                        .classes = plan.names.size(),
                        .decode = {.conf = conf,
                                   .iou = args.iou,
                                   .max_det = args.max_det,
                                   .agnostic_nms = args.agnostic_nms || args.single_cls,
                                   .classes = {},
                                   .multi_label = true,
                                   .form = model.form()},
                        .confusion_conf = static_cast<float>(args.conf.value_or(kConfusionConf)),
                        .single_class = args.single_cls && model.task->traits().labels != data::LabelForm::Folders,
                        .kept_classes = args.classes,
                        .oks_sigmas = plan.split.oks_sigmas,
                        .overlap_mask = args.overlap_mask,
                        .writes_objects = args.save_json || args.save_txt};
        // A class that the network gives is looked up among the names.
        if (metric_args_.decode.form.classes == 0) metric_args_.decode.form.classes = plan.names.size();
        total_ = 0;
        for (const ValBatch& batch : plan.batches) total_ += batch.samples.size();
    }

    ValOutcome run() {
        const std::size_t cores = base::processor_count();
        const std::size_t workers =
            std::clamp<std::size_t>(static_cast<std::size_t>(args_.workers), 1, std::min(cores + 1, parts_.size()));
        base::share_indices(parts_.size(), workers, [this](std::size_t) { return worker(); });
        base::emit_progress("Validating", total_, total_);
        return collect();
    }

private:
    struct Part {
        std::unique_ptr<tasks::Metric> metric;
        std::vector<ImageResults> image_results;
        std::vector<ValTile> tiles;
        Speed total_ms;
        std::size_t unreadable = 0;
    };

    /// Keeps a session as long as batches have the same shape.
    base::IndexWorker worker() {
        struct State {
            std::shared_ptr<runtime::CompiledNetwork> network;
            std::unique_ptr<runtime::Session> session;
        };
        return [this, state = std::make_shared<State>()](std::size_t b) {
            const runtime::InputShape shape = {shape_batch(plan_.batches[b]), plan_.batches[b].canvas};
            const auto wanted =
                augmented_ ? augmented_->compiled(runtime_args_, shape) : model_.compiled(runtime_args_, shape);
            if (wanted != state->network) {
                state->network = wanted;
                state->session = wanted->new_session();
                announce(*wanted);
            }
            process(b, shape, *state->session);
        };
    }

    int shape_batch(const ValBatch& batch) const {
        return plan_.dynamic ? static_cast<int>(batch.samples.size()) : plan_.network_batch;
    }

    void announce(runtime::CompiledNetwork& network) {
        const std::lock_guard lock(mutex_);
        if (announced_ || !args_.verbose) return;
        announced_ = true;
        log_load(model_, runtime_args_, network, static_cast<std::size_t>(plan_.network_batch));
    }

    /// Decodes and letterboxes the images of a batch into the network's input, without gaps where one cannot be read.
    std::vector<Slot> fill(std::size_t b, InputTensor input, Part& part) {
        const ValBatch& batch = plan_.batches[b];
        std::vector<Slot> slots;
        for (const std::size_t index : batch.samples) {
            const data::Sample& sample = plan_.scan.samples[index];
            Image image;
            try {
                image = vision::load_image(sample.path);
            } catch (const Error& error) {
                if (!data::is_skippable(error.code())) throw;
                base::warn("{}: ignoring corrupt image/label: {}", base::printable(sample.path), error.message());
                ++part.unreadable;
                continue;
            }
            const base::Stopwatch watch;
            Slot slot{index, vision::LetterboxGeometry::fit_loaded(image.size(), plan_.imgsz, batch.canvas), {}};
            input.add(*model_.task, image, slot.geometry);
            part.total_ms.preprocess += watch.elapsed_ms();
            if (wants_tiles(batch) && slots.size() < kMosaicTiles)
                slot.tile = model_.task->network_image(image, slot.geometry);
            slots.push_back(std::move(slot));
        }
        input.finish();
        return slots;
    }

    bool wants_tiles(const ValBatch& batch) const {
        return args_.plots && plan_.is_whole() && batch.number < kMosaicBatches;
    }

    void process(std::size_t b, const runtime::InputShape& shape, runtime::Session& session) {
        Part& part = parts_[b];
        const std::vector<Slot> slots = fill(b, InputTensor(session.input(shape), shape.batch), part);
        if (slots.empty()) return;
        part.metric = model_.task->metric(metric_args_);
        const tensors::Outputs* outputs = nullptr;
        {
            std::unique_lock turn(network_turn_, std::defer_lock);
            if (runtime_args_.performance == Performance::Latency) turn.lock();
            const base::Stopwatch watch;
            outputs = &session.infer();
            part.total_ms.inference = watch.elapsed_ms();
        }
        const std::size_t classes = plan_.names.size();
        const bool any = metric_args_.single_class;
        const tasks::ClassRange range = any ? tasks::ClassRange() : tasks::ClassRange{classes, classes};
        model_.task->check(*outputs, slots.size(), range, metric_args_.decode.form, "val");
        const base::Stopwatch watch;
        for (std::size_t i = 0; i < slots.size(); ++i) measure(slots[i], *outputs, i, part);
        part.total_ms.postprocess = watch.elapsed_ms();
        const std::size_t done = done_ += slots.size();
        const double seconds = std::max(started_.elapsed_ms() / 1000, 1e-3);
        base::emit_progress(fmt::format("Validating {} images, {} labels, {:.1f} images/s", done, labels_.load(),
                                        static_cast<double>(done) / seconds),
                            done, total_);
    }

    /// Brings what the network found and the labels of one image together.
    void measure(const Slot& slot, const tensors::Outputs& outputs, std::size_t image, Part& part) {
        const data::Sample& sample = plan_.scan.samples[slot.sample];
        tasks::MeasuredImage measured = part.metric->add(outputs, image,
                                                         {.index = static_cast<std::uint32_t>(slot.sample),
                                                          .labels = sample.labels,
                                                          .geometry = slot.geometry,
                                                          .drawn = !slot.tile.empty()});
        labels_ += sample.labels.size();
        if (!slot.tile.empty()) {
            part.tiles.push_back({slot.sample, slot.tile, std::move(measured.truths), std::move(measured.predictions)});
        }
        if (!args_.save_json && !args_.save_txt) return;
        measured.results.task = model_.task->traits().name;
        part.image_results.push_back({slot.sample, std::move(measured.results)});
    }

    ValOutcome collect() {
        ValOutcome out{model_.task->metric(metric_args_), {}, {}, {}, 0};
        for (Part& part : parts_) {
            if (part.metric) out.metric->append(std::move(*part.metric));
            part.metric.reset();
            std::ranges::move(part.image_results, std::back_inserter(out.image_results));
            if (!part.tiles.empty()) out.tiles.push_back(std::move(part.tiles));
            out.total_ms.preprocess += part.total_ms.preprocess;
            out.total_ms.inference += part.total_ms.inference;
            out.total_ms.postprocess += part.total_ms.postprocess;
            out.unreadable += part.unreadable;
        }
        out.metric->sort();
        return out;
    }

    const LoadedModel& model_;
    const ValPlan& plan_;
    const ValArgs& args_;
    runtime::RuntimeArgs runtime_args_;
    std::optional<AugmentedNetwork> augmented_;
    tasks::MetricArgs metric_args_;

    std::vector<Part> parts_;  // one for each batch, of one worker each
    std::size_t total_ = 0;
    base::Stopwatch started_;
    std::atomic<std::size_t> done_ = 0;
    std::atomic<std::size_t> labels_ = 0;
    std::mutex network_turn_;
    std::mutex mutex_;
    bool announced_ = false;
};

}  // namespace

ValOutcome run_val(const LoadedModel& model, const ValPlan& plan, const ValArgs& args) {
    return Run(model, plan, args).run();
}

namespace {

/// The arguments with at least as many boxes per image as images have labels, unless the caller chose their number.
ValArgs with_enough_boxes(const ValPlan& plan, const ValArgs& args) {
    std::size_t most = 0;
    for (const data::Sample& sample : plan.scan.samples) most = std::max(most, sample.labels.size());
    if (std::cmp_less_equal(most, args.max_det)) return args;
    ValArgs enough = args;
    const bool chosen = args.max_det != ValArgs().max_det;
    if (!chosen) enough.max_det = static_cast<int>(most);
    base::warn("an image has {} labels, more than max_det={}, which limits recall{}", most, args.max_det,
               chosen ? "" : fmt::format(": max_det={} is taken", most));
    return enough;
}

ValResults validate_with_head(const LoadedModel& model, const ValPlan& plan, const ValArgs& args) {
    runtime::RuntimeArgs kept;
    kept.cache_dir = runtime::cache_folder(args.runtime.cache_dir);
    model.network(args.runtime.kind).ready(kept);
    ValReport report(args, *model.task, plan.names);
    ValOutcome outcome = run_val(model, plan, args);
    if (outcome.metric->images() == 0) {
        throw Error(ErrorCode::CorruptFile, "val", "no image of the dataset could be decoded",
                    {.file = plan.split.yaml.string()});
    }
    return report.finish(model, plan, outcome);
}

}  // namespace

ValResults validate(const LoadedModel& model, const ValArgs& args) {
    parse_protocol(args.protocol);
    std::shared_ptr<const LoadedModel> variant = variant_of(model, head_request(args));
    const ValPlan plan = plan_val(variant ? *variant : model, args);
    const ValArgs enough = with_enough_boxes(plan, args);
    nets::HeadForm head = variant ? variant->head : model.head;
    if (head.finished() && enough.max_det != args.max_det) {
        head.most = enough.max_det;
        variant = model.variant(head);
    }
    return validate_with_head(variant ? *variant : model, plan, enough);
}

}  // namespace yolovino::engine
