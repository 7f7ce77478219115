#include "engine/validator.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <fmt/format.h>
#include <mutex>
#include <thread>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "data/file_source.hpp"
#include "engine/runtime_setup.hpp"
#include "engine/val_files.hpp"
#include "runtime/model_cache.hpp"
#include "tasks/detect.hpp"
#include "vision/decode.hpp"
#include "vision/letterbox.hpp"

namespace yolovino::engine {

namespace {

constexpr std::size_t kMosaicBatches = 3;
constexpr std::size_t kMosaicTiles = 16;
constexpr std::size_t kLongRun = 64;  // pictures from which a second compiled network pays

/// One picture of a batch on its way.
struct Slot {
    std::size_t sample = 0;
    vision::LetterboxGeometry geometry;
    Image tile;  ///< letterboxed, if a mosaic needs it
};

/// What the matching needs: the detections and labels of a picture in one space.
struct Pair {
    std::vector<metrics::Detection> detections;
    std::vector<metrics::Truth> truths;
};

metrics::Rect rect_of(const vision::ModelBox& box) {
    return {box.x1, box.y1, box.x2, box.y2};
}
metrics::Rect rect_of(const Box& box) {
    return {box.x1, box.y1, box.x2, box.y2};
}

/// As the numbers stand in predictions.json, so that pycocotools finds the same in that file.
metrics::CocoDetection coco_detection(const Box& box) {
    const CocoRow row = coco_row(box);
    return {{row.x, row.y, row.width, row.height}, box.cls, row.score};
}

metrics::CocoTruth coco_truth(const data::Label& label, ImageSize size) {
    if (label.exact) {
        const data::PixelBox& box = *label.exact;
        return {{box.left, box.top, box.width, box.height}, label.cls, box.area_px2, label.crowd};
    }
    const double width = static_cast<double>(label.width) * size.width;
    const double height = static_cast<double>(label.height) * size.height;
    const double left = static_cast<double>(label.cx) * size.width - width / 2;
    const double top = static_cast<double>(label.cy) * size.height - height / 2;
    return {{left, top, width, height}, label.cls, width * height, label.crowd};
}

class Run {
public:
    Run(const Model::State& model, const ValPlan& plan, const ValArgs& args)
        : model_(model), plan_(plan), args_(args), parts_(plan.batches.size()) {
        protocol_ = parse_protocol(args.protocol);
        runtime_args_ = runtime_args(model, RuntimeWish(args));
        // Larger batches keep all cores busy without help.
        const bool side_by_side = args.performance == Performance::Auto && runtime_args_.runtime == Runtime::OpenVino &&
                                  !plan.dynamic && plan.network_batch == 1 && parts_.size() >= kLongRun;
        if (side_by_side) runtime_args_.performance = Performance::Throughput;
        detect_args_ = {.conf = args.conf.value_or(kValConf),
                        .iou = args.iou,
                        .max_det = args.max_det,
                        .agnostic_nms = args.agnostic_nms || args.single_cls,
                        .classes = {},
                        .multi_label = true};
        confusion_conf_ = static_cast<float>(args.conf.value_or(kConfusionConf));
        total_ = 0;
        for (const ValBatch& batch : plan.batches) total_ += batch.samples.size();
    }

    ValOutcome run() {
        const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
        const std::size_t lanes =
            std::clamp<std::size_t>(static_cast<std::size_t>(args_.workers), 1, std::min(cores + 1, parts_.size()));
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < lanes; ++i) others.emplace_back([this] { lane(); });
        lane();
        others.clear();
        base::emit_progress("Validating", total_, total_);
        if (problem_) std::rethrow_exception(problem_);
        return collect();
    }

private:
    struct Part {
        std::vector<metrics::ImageRecord> records;
        metrics::ConfusionMatrix confusion;
        std::vector<ValPicture> pictures;
        std::vector<ValTile> tiles;
        Speed total_ms;
        std::size_t unreadable = 0;
    };

    void lane() {
        std::unique_ptr<runtime::Session> session;
        std::shared_ptr<runtime::CompiledNetwork> network;
        try {
            for (std::size_t b = next_++; b < parts_.size() && !stop_; b = next_++) {
                const runtime::InputShape shape = {shape_batch(plan_.batches[b]), plan_.batches[b].canvas};
                const auto wanted = model_.compiled(runtime_args_, shape);
                if (wanted != network) {
                    network = wanted;
                    session = network->new_session();
                    announce(*network);
                }
                process(b, shape, *session);
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!problem_) problem_ = std::current_exception();
            stop_ = true;
        }
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

    /// Decodes and letterboxes the pictures of a batch into the tensor, without gaps where one cannot be read.
    std::vector<Slot> fill(std::size_t b, const runtime::InputShape& shape, std::span<float> tensor, Part& part) {
        const ValBatch& batch = plan_.batches[b];
        const std::size_t elements = tensor.size() / static_cast<std::size_t>(shape.batch);
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
            vision::letterbox_to_tensor(image, slot.geometry, tensor.subspan(slots.size() * elements, elements));
            part.total_ms.preprocess += watch.elapsed_ms();
            if (wants_tiles(batch) && slots.size() < kMosaicTiles) slot.tile = vision::letterbox(image, slot.geometry);
            slots.push_back(std::move(slot));
        }
        std::fill(tensor.begin() + static_cast<std::ptrdiff_t>(slots.size() * elements), tensor.end(), 0.0F);
        return slots;
    }

    bool wants_tiles(const ValBatch& batch) const {
        return args_.plots && plan_.is_whole() && batch.number < kMosaicBatches;
    }

    void process(std::size_t b, const runtime::InputShape& shape, runtime::Session& session) {
        Part& part = parts_[b];
        part.confusion = metrics::ConfusionMatrix(plan_.names.size());
        const std::vector<Slot> slots = fill(b, shape, session.input(shape), part);
        if (slots.empty()) return;
        runtime::RawOutput raw;
        {
            std::unique_lock turn(network_turn_, std::defer_lock);
            if (runtime_args_.performance == Performance::Latency) turn.lock();
            const base::Stopwatch watch;
            raw = session.infer();
            part.total_ms.inference = watch.elapsed_ms();
        }
        const std::size_t classes = args_.single_cls ? raw.rows - 4 : plan_.names.size();
        if (raw.batch < slots.size() || raw.rows != classes + 4) {
            throw Error(ErrorCode::ShapeMismatch, "val",
                        fmt::format("the network gave [{}, {}, {}], wanted [{}, {}, anchors]", raw.batch, raw.rows,
                                    raw.anchors, slots.size(), classes + 4));
        }
        const base::Stopwatch watch;
        for (std::size_t i = 0; i < slots.size(); ++i)
            measure(slots[i], tasks::detect_in_model(raw.image(i), raw.rows, raw.anchors, detect_args_), part);
        part.total_ms.postprocess = watch.elapsed_ms();
        const std::size_t done = done_ += slots.size();
        const double seconds = std::max(started_.elapsed_ms() / 1000, 1e-3);
        base::emit_progress(fmt::format("Validating {} images, {} labels, {:.1f} images/s", done, labels_.load(),
                                        static_cast<double>(done) / seconds),
                            done, total_);
    }

    /// Brings detections and labels of one picture together.
    void measure(const Slot& slot, std::vector<tasks::ModelDetection> found, Part& part) {
        const data::Sample& sample = plan_.scan.samples[slot.sample];
        if (args_.single_cls) {
            for (tasks::ModelDetection& each : found) each.cls = 0;
        } else if (args_.classes) {
            std::erase_if(found, [&](const tasks::ModelDetection& each) {
                return std::ranges::find(*args_.classes, each.cls) == args_.classes->end();
            });
        }
        std::vector<Box> boxes;
        boxes.reserve(found.size());
        for (const tasks::ModelDetection& each : found) {
            boxes.push_back(slot.geometry.to_image(each.box));
            boxes.back().conf = each.conf;
            boxes.back().cls = each.cls;
        }
        const Pair pair = make_pair(slot, sample, found, boxes);
        metrics::ImageRecord record;
        record.index = static_cast<std::uint32_t>(slot.sample);
        const std::vector<std::uint16_t> matched = metrics::match(pair.detections, pair.truths, protocol_);
        for (std::size_t d = 0; d < matched.size(); ++d)
            record.scored.detections.push_back({found[d].conf, found[d].cls, matched[d]});
        for (const metrics::Truth& truth : pair.truths) record.scored.truths.push_back(truth.cls);
        part.confusion.add(pair.detections, pair.truths, confusion_conf_, protocol_);
        std::vector<metrics::CocoDetection> coco_found;
        coco_found.reserve(boxes.size());
        for (const Box& box : boxes) coco_found.push_back(coco_detection(box));
        std::vector<metrics::CocoTruth> coco_truths;
        coco_truths.reserve(sample.labels.size());
        for (const data::Label& label : sample.labels) coco_truths.push_back(coco_truth(label, slot.geometry.source));
        record.coco = metrics::match_coco(coco_found, coco_truths);
        part.records.push_back(std::move(record));
        labels_ += sample.labels.size();
        if (!slot.tile.empty()) part.tiles.push_back(make_tile(slot, pair));
        if (args_.save_json || args_.save_txt)
            part.pictures.push_back({slot.sample, slot.geometry.source, std::move(boxes)});
    }

    /// Ultralytics 8.4 compares in the network's pixels, 8.0 to 8.3 in the picture's.
    Pair make_pair(const Slot& slot, const data::Sample& sample, const std::vector<tasks::ModelDetection>& found,
                   const std::vector<Box>& boxes) const {
        const bool classic = protocol_ == metrics::Protocol::Classic;
        Pair pair;
        for (std::size_t d = 0; d < found.size(); ++d) {
            pair.detections.push_back(
                {classic ? rect_of(boxes[d]) : rect_of(found[d].box), found[d].conf, found[d].cls});
        }
        for (const data::Label& label : sample.labels) {
            if (label.crowd) continue;
            const vision::ModelBox box = slot.geometry.to_model(label.cx, label.cy, label.width, label.height);
            pair.truths.push_back({classic ? rect_of(slot.geometry.to_image(box)) : rect_of(box), label.cls});
        }
        return pair;
    }

    ValTile make_tile(const Slot& slot, const Pair& pair) const {
        ValTile tile{slot.sample, slot.tile, {}, {}};
        const auto space = [&](const metrics::Rect& box) { return Box{box.x1, box.y1, box.x2, box.y2, 0, 0}; };
        for (const metrics::Truth& truth : pair.truths) {
            tile.truths.push_back(space(truth.box));
            tile.truths.back().cls = truth.cls;
            tile.truths.back().conf = 1;
        }
        for (const metrics::Detection& each : pair.detections) {
            tile.predictions.push_back(space(each.box));
            tile.predictions.back().cls = each.cls;
            tile.predictions.back().conf = each.conf;
        }
        return tile;
    }

    ValOutcome collect() {
        ValOutcome out{metrics::Accumulator(plan_.names.size()), {}, {}, {}, 0};
        for (Part& part : parts_) {
            for (metrics::ImageRecord& record : part.records) out.accumulator.add(std::move(record));
            if (part.confusion.side() > 0) out.accumulator.confusion().add(part.confusion);
            std::ranges::move(part.pictures, std::back_inserter(out.pictures));
            if (!part.tiles.empty()) out.tiles.push_back(std::move(part.tiles));
            out.total_ms.preprocess += part.total_ms.preprocess;
            out.total_ms.inference += part.total_ms.inference;
            out.total_ms.postprocess += part.total_ms.postprocess;
            out.unreadable += part.unreadable;
        }
        out.accumulator.sort();
        return out;
    }

    const Model::State& model_;
    const ValPlan& plan_;
    const ValArgs& args_;
    metrics::Protocol protocol_ = metrics::Protocol::Ultralytics;
    runtime::RuntimeArgs runtime_args_;
    tasks::DetectArgs detect_args_;
    float confusion_conf_ = 0;

    std::vector<Part> parts_;  // one for each batch, of one lane each
    std::size_t total_ = 0;
    base::Stopwatch started_;
    std::atomic<std::size_t> next_ = 0;
    std::atomic<std::size_t> done_ = 0;
    std::atomic<std::size_t> labels_ = 0;
    std::atomic<bool> stop_ = false;
    std::mutex network_turn_;
    std::mutex mutex_;
    bool announced_ = false;
    std::exception_ptr problem_;
};

}  // namespace

ValOutcome run_val(const Model::State& model, const ValPlan& plan, const ValArgs& args) {
    return Run(model, plan, args).run();
}

ValResults validate(const Model::State& model, const ValArgs& args) {
    parse_protocol(args.protocol);
    const ValPlan plan = plan_val(model, args);
    runtime::RuntimeArgs kept;
    kept.cache_dir = runtime::cache_folder(args.cache_dir);
    model.network(args.runtime).ready(kept);
    ValReport report(args, plan.names);
    ValOutcome outcome = run_val(model, plan, args);
    if (outcome.accumulator.images().empty()) {
        throw Error(ErrorCode::CorruptFile, "val", "no picture of the dataset could be decoded",
                    {.file = plan.split.yaml.string()});
    }
    return report.finish(model, plan, outcome);
}

}  // namespace yolovino::engine
