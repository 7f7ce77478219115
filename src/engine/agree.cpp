#include "yolovino/agree.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "yolovino/formats.hpp"
#include "yolovino/spellings.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "data/source.hpp"
#include "engine/batch_runner.hpp"
#include "engine/exporter.hpp"
#include "engine/model_state.hpp"
#include "engine/predictor.hpp"
#include "engine/raw_drift.hpp"
#include "engine/runtime_setup.hpp"
#include "engine/validator.hpp"

namespace yolovino {

namespace {

/// Detections of one object overlap at least so much.
constexpr double kMatchIou = 0.5;

[[noreturn]] void fail(const std::string& message, const std::string& hint = {}) {
    throw Error(ErrorCode::InvalidArgument, "agree", message, {}, hint);
}

constexpr std::string_view kCheckpoint = "pytorch";

struct Side {
    std::string model;
    std::string format;  ///< empty, kCheckpoint, or one of export_formats()
    std::string device;
    std::string runtime;
    std::string precision;
    bool half = false;

    friend bool operator==(const Side&, const Side&) = default;
    std::string text() const {
        std::string out = model;
        for (const std::string& part : {format, device, runtime, precision})
            if (!part.empty()) out += " " + part;
        return half ? out + " half" : out;
    }
    std::string asked_precision() const { return !precision.empty() ? precision : half ? "f16" : "auto"; }
};

std::string item(const std::vector<std::string>& list, std::size_t side, std::string_view name) {
    if (list.size() > 2) fail(fmt::format("{} names {} sides, wanted one or two", name, list.size()));
    return list.empty() ? std::string() : list.size() == 1 ? list[0] : list[side];
}

std::string format_of(const std::string& name) {
    if (name.empty() || name == kCheckpoint) return name;
    return std::string(find_export_format(name).name);
}

/// One spelling for what means the same.
std::string precision_named(const std::string& name) {
    return name == "auto" ? "" : name == "fp32" ? "f32" : name == "fp16" ? "f16" : name;
}

Side side_of(const AgreeArgs& args, std::size_t side) {
    return {.model = item(args.model, side, "model"),
            .format = format_of(item(args.format, side, "format")),
            .device = item(args.device, side, "device"),
            .runtime = item(args.runtime, side, "runtime"),
            .precision = precision_named(item(args.precision, side, "precision")),
            .half = args.half && side == 1};
}

using ModelPtr = std::shared_ptr<const Model::State>;

/// The model of a side, exported into a folder if need be.
ModelPtr open_side(const Side& side, const AgreeArgs& asked, const std::filesystem::path& folder) {
    ModelPtr model = engine::open_model(side.model);
    if (side.format.empty()) return model;
    if (!model->checkpoint) {
        fail(fmt::format("format asks for exports, and {} is no checkpoint", base::printable(side.model)),
             "give a .pt file, or leave format out");
    }
    if (side.format == kCheckpoint) return model;
    ExportArgs wish;
    wish.format = side.format;
    wish.imgsz = asked.imgsz;
    wish.half = side.half;
    wish.verbose = false;
    wish.output_folder = side.half ? folder / "half" : folder;
    return engine::open_model(engine::export_checkpoint(*model->checkpoint, model->info, wish));
}

Runtime runtime_of(const std::string& name) {
    if (name.empty()) return Runtime::Auto;
    for (const Runtime each : {Runtime::Auto, Runtime::OpenVino, Runtime::OnnxRuntime, Runtime::LibTorch})
        if (name == name_of(each)) return each;
    fail(
        fmt::format("runtime '{}' is unknown, wanted auto, openvino, onnxruntime, or libtorch", base::printable(name)));
}

Precision precision_of(const std::string& name) {
    if (name.empty()) return Precision::Auto;
    if (name == "f32") return Precision::F32;
    if (name == "bf16") return Precision::Bf16;
    if (name == "f16") return Precision::F16;
    fail(fmt::format("precision '{}' is unknown, wanted auto, f32, bf16, or f16", base::printable(name)));
}

template <typename Args>
Args with(const Model::State& model, const Side& side, const AgreeArgs& asked) {
    Args args;
    args.imgsz = asked.imgsz;
    args.device = side.device;
    args.runtime = runtime_of(side.runtime);
    args.precision = precision_of(side.precision);
    // Where half is in the exported weights, other runtimes need no warning that they compute in f32.
    const bool exported = !side.format.empty() && side.format != kCheckpoint;
    args.half = side.half && (!exported || model.runtime(args.runtime).runtime == Runtime::OpenVino);
    // Networks with a fixed shape get the whole canvas in any case.
    args.rect = false;
    args.save = false;
    args.verbose = false;
    return args;
}

double overlap(const Box& a, const Box& b) {
    const double width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
    const double height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
    if (width <= 0 || height <= 0) return 0;
    const auto area = [](const Box& box) { return static_cast<double>(box.x2 - box.x1) * (box.y2 - box.y1); };
    return width * height / (area(a) + area(b) - width * height);
}

double distance_px(const Box& a, const Box& b) {
    return std::max({std::abs(a.x1 - b.x1), std::abs(a.y1 - b.y1), std::abs(a.x2 - b.x2), std::abs(a.y2 - b.y2)});
}

/// Adds one picture; the sums become means at the end.
void compare(const Results& first, const Results& second, double missed_from, Agreement& out) {
    std::vector<char> used(second.boxes.size(), 0);
    double worst_px = 0;
    for (const Box& box : first.boxes) {
        std::size_t best = used.size();
        double best_iou = kMatchIou;
        for (std::size_t i = 0; i < used.size(); ++i) {
            const double iou = used[i] != 0 || second.boxes[i].cls != box.cls ? 0 : overlap(box, second.boxes[i]);
            if (iou < best_iou) continue;
            best = i;
            best_iou = iou;
        }
        if (best == used.size()) {
            ++out.unmatched_first;
            if (box.conf > missed_from) ++out.missed;
            continue;
        }
        used[best] = 1;
        const double px = distance_px(box, second.boxes[best]);
        const double score = std::abs(static_cast<double>(box.conf) - second.boxes[best].conf);
        ++out.matched;
        out.mean_box_px += px;
        out.mean_score += score;
        worst_px = std::max(worst_px, px);
        out.max_score = std::max(out.max_score, score);
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (used[i] != 0) continue;
        ++out.unmatched_second;
        if (second.boxes[i].conf > missed_from) ++out.missed;
    }
    if (out.worst.empty() || worst_px > out.max_box_px) out.worst = first.path;
    out.max_box_px = std::max(out.max_box_px, worst_px);
    ++out.images;
}

/// What a side really did.
struct Ran {
    std::string where;  ///< device and precision
    std::string precision;
};

/// One side at work, a picture at a time.
class Worker {
public:
    Worker(ModelPtr model, const PredictArgs& args)
        : setup_{.model = std::move(model), .args = args, .imgsz = {}},
          args_(engine::runtime_args(*setup_.model, engine::RuntimeWish(setup_.args))) {
        engine::check(setup_.args, setup_.model->info);
        engine::settle(setup_, args_);
        const auto loaded = [this](runtime::CompiledNetwork& network) {
            ran_ = {network.describe(), network.precision()};
        };
        runner_.emplace(setup_, args_, loaded, [this](const runtime::RawOutput& raw) { raw_ = raw; });
    }

    /// @throws Error if the side fails
    Results run(const data::Frame& frame) {
        std::vector<engine::Predicted> out = runner_->run({frame});
        if (out.front().failure) throw Error(*out.front().failure);
        return std::move(out.front().results);
    }
    /// Of the last picture.
    const runtime::RawOutput& raw() const { return raw_; }
    const Ran& ran() const { return ran_; }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

private:
    engine::PredictSetup setup_;
    runtime::RuntimeArgs args_;
    std::optional<engine::BatchRunner> runner_;
    runtime::RawOutput raw_;
    Ran ran_;
};

/// Two sides may be asked for different precisions and get the same, or the other way round.
void warn_of_precision(const Side sides[2], const Ran& first, const Ran& second) {
    const std::string asked[2] = {sides[0].asked_precision(), sides[1].asked_precision()};
    if (asked[0] == asked[1]) {
        if (first.precision == second.precision) return;
        return base::warn(
            "the first side ran in {} and the second in {}, which alone moves boxes and scores; precision=f32 compares "
            "the rest",
            first.precision, second.precision);
    }
    if (first.precision != second.precision) return;
    std::string why;
    for (const std::string& each : asked) {
        if (each != "auto" && each != first.precision) why = fmt::format(": the device has no {}", each);
    }
    Side rest = sides[1];
    rest.precision = sides[0].precision;
    rest.half = sides[0].half;
    // An export with half weights is another network, whatever the device computes in.
    const bool same_weights = sides[0].half == sides[1].half || rest.format.empty() || rest.format == kCheckpoint;
    base::warn("both sides ran in {}, though {} and {} were asked{}; {} compared", first.precision, asked[0], asked[1],
               why, rest == sides[0] && same_weights ? "nothing was" : "precisions were not");
}

void compare_pictures(const ModelPtr models[2], const Side sides[2], const AgreeArgs& args, Agreement& out) {
    PredictArgs wish[2] = {with<PredictArgs>(*models[0], sides[0], args),
                           with<PredictArgs>(*models[1], sides[1], args)};
    for (PredictArgs& each : wish) each.conf = args.conf;
    Worker first(models[0], wish[0]);
    Worker second(models[1], wish[1]);
    engine::RawComparison raw;
    const std::unique_ptr<data::FrameSource> source = data::open_source(args.source, {});
    for (std::vector<data::Frame> frames = source->next(1); !frames.empty(); frames = source->next(1)) {
        for (const data::Frame& frame : frames) {
            const Results one = first.run(frame);
            const Results other = second.run(frame);
            compare(one, other, args.conf + args.tolerance_score, out);
            raw.add({1, one.input_shape}, first.raw(), {1, other.input_shape}, second.raw());
        }
    }
    if (out.images == 0) {
        throw Error(ErrorCode::NotFound, "agree",
                    fmt::format("no picture of the source could be read ({} skipped)", source->skipped()));
    }
    out.first_ran = first.ran().where;
    out.second_ran = second.ran().where;
    warn_of_precision(sides, first.ran(), second.ran());
    out.raw = raw.result();
    out.raw_missing = raw.obstacle();
}

double map_of(const Model::State& model, const Side& side, const AgreeArgs& asked) {
    ValArgs args = with<ValArgs>(model, side, asked);
    args.data = asked.data;
    args.batch = 1;
    args.plots = false;
    return engine::validate(model, args).map;
}

Agreement measure(const AgreeArgs& args) {
    const Side sides[2] = {side_of(args, 0), side_of(args, 1)};
    if (sides[0].model.empty()) fail("no model is given");
    if (sides[0] == sides[1]) {
        fail("both sides are the same, wanted two that differ",
             "give two devices, precisions, runtimes, formats, or models with a comma between, or half=True; devices "
             "behind HETERO:GPU belong to it, a semicolon ends it");
    }
    const base::PendingPath exports(std::filesystem::temp_directory_path() / "yolovino-agree",
                                    base::PendingPath::Kind::Folder);
    ModelPtr models[2] = {open_side(sides[0], args, exports.path()), nullptr};
    const bool same_model =
        sides[0].model == sides[1].model && sides[0].format == sides[1].format &&
        (sides[0].half == sides[1].half || sides[0].format.empty() || sides[0].format == kCheckpoint);
    models[1] = same_model ? models[0] : open_side(sides[1], args, exports.path());
    if (*models[0]->names != *models[1]->names) fail("the two models have different classes");
    Agreement out;
    out.first = sides[0].text();
    out.second = sides[1].text();
    compare_pictures(models, sides, args, out);
    if (out.matched + out.unmatched_first + out.unmatched_second == 0) {
        base::warn("neither side found anything above conf={} in {} pictures, so that they agree says little",
                   args.conf, out.images);
    }
    if (out.matched > 0) {
        out.mean_box_px /= static_cast<double>(out.matched);
        out.mean_score /= static_cast<double>(out.matched);
    }
    out.agrees = out.missed == 0 && out.max_box_px <= args.tolerance_box && out.max_score <= args.tolerance_score &&
                 (!out.raw || out.raw->not_finite == 0);
    if (!args.data.empty()) {
        out.map_first = map_of(*models[0], sides[0], args);
        out.map_second = map_of(*models[1], sides[1], args);
        out.agrees = out.agrees && std::abs(*out.map_first - *out.map_second) <= args.tolerance_map;
    }
    return out;
}

}  // namespace

Agreement agree(const AgreeArgs& args) {
    return base::translate(ErrorCode::IoFailure, "agree", "failed", [&] { return measure(args); });
}

std::string Agreement::to_json() const {
    nlohmann::ordered_json out = {{"first", first},
                                  {"second", second},
                                  {"first_ran", first_ran},
                                  {"second_ran", second_ran},
                                  {"images", images},
                                  {"matched", matched},
                                  {"unmatched_first", unmatched_first},
                                  {"unmatched_second", unmatched_second},
                                  {"missed", missed},
                                  {"max_box_px", max_box_px},
                                  {"mean_box_px", mean_box_px},
                                  {"max_score", max_score},
                                  {"mean_score", mean_score},
                                  {"worst", worst}};
    if (raw) {
        out["raw"] = {{"max_box_px", raw->max_box_px},
                      {"mean_box_px", raw->mean_box_px},
                      {"max_score", raw->max_score},
                      {"mean_score", raw->mean_score},
                      {"not_finite", raw->not_finite}};
    } else {
        out["raw_missing"] = raw_missing;
    }
    if (map_first && map_second) out["map"] = {*map_first, *map_second};
    out["agrees"] = agrees;
    return out.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace yolovino
