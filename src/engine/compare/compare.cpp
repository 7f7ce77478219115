#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "yolovino/agree.hpp"
#include "yolovino/formats.hpp"
#include "yolovino/spellings.hpp"

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "data/open_source.hpp"
#include "engine/compare/raw_output_diff.hpp"
#include "engine/export/exporter.hpp"
#include "engine/model/loaded_model.hpp"
#include "engine/predict/batch_runner.hpp"
#include "engine/predict/predictions.hpp"
#include "engine/predict/runtime_setup.hpp"
#include "engine/validate/run.hpp"
#include "options/check.hpp"
#include "tasks/difference.hpp"

namespace yolovino {

namespace {

[[noreturn]] void fail(const std::string& message, const std::string& hint = {}) {
    throw Error(ErrorCode::InvalidArgument, "agree", message, {}, hint);
}

constexpr std::string_view kCheckpoint = "pytorch";

std::string text_of(const AgreeSide& side) {
    std::string out = side.model;
    const auto add = [&](std::string_view part) {
        if (!part.empty()) out.append(" ").append(part);
    };
    add(side.format);
    add(side.runtime.device);
    if (side.runtime.kind != Runtime::Auto) add(name_of(side.runtime.kind));
    if (side.runtime.precision != Precision::Auto) add(name_of(side.runtime.precision));
    if (side.runtime.half) add("half");
    return out;
}

std::string_view requested_precision(const RuntimeOptions& runtime) {
    return runtime.half && runtime.precision == Precision::Auto ? "f16" : name_of(runtime.precision);
}

/// The side with the own name of its format instead of an alias.
AgreeSide resolved(AgreeSide side) {
    if (!side.format.empty() && side.format != kCheckpoint) side.format = find_export_format(side.format).name;
    return side;
}

using ModelPtr = std::shared_ptr<const engine::LoadedModel>;

/// The model of a side, exported into a folder if need be.
ModelPtr open_side(const AgreeSide& side, const AgreeArgs& options, const std::filesystem::path& folder) {
    ModelPtr model = engine::open_model(side.model);
    if (side.format.empty()) return model;
    if (!model->checkpoint) {
        fail(fmt::format("format asks for exports, and {} is no checkpoint", base::printable(side.model)),
             "give a .pt file, or leave format out");
    }
    if (side.format == kCheckpoint) return model;
    ExportArgs export_args;
    export_args.format = side.format;
    export_args.imgsz = options.imgsz;
    export_args.half = side.runtime.half;
    export_args.verbose = false;
    export_args.output_folder = side.runtime.half ? folder / "half" : folder;
    return engine::open_model(engine::export_checkpoint(*model->checkpoint, model->info, export_args));
}

template <typename Args>
Args args_for_side(const engine::LoadedModel& model, const AgreeSide& side, const AgreeArgs& options) {
    Args args;
    args.imgsz = options.imgsz;
    args.runtime = side.runtime;
    // Where half is in the exported weights, other runtimes need no warning that they compute in f32.
    const bool exported = !side.format.empty() && side.format != kCheckpoint;
    args.runtime.half =
        side.runtime.half && (!exported || model.runtime(side.runtime.kind).runtime == Runtime::OpenVino);
    // Networks with a fixed shape get the whole canvas in any case.
    args.rect = false;
    args.save = false;
    args.verbose = false;
    return args;
}

/// A sum until all images are there, then the mean.
void raise(double value, double& largest, double& sum) {
    largest = std::max(largest, value);
    sum += value;
}

/// Adds what one image says of a kind of difference that only some tasks have.
void add(const std::optional<double>& value, std::optional<Spread>& spread) {
    if (!value) return;
    if (!spread) spread.emplace();
    raise(*value, spread->largest, spread->mean);
}

/// Adds one image; the sums become means at the end.
void compare(const Results& first, const Results& second, const AgreeArgs& args, Agreement& out) {
    const tasks::ResultDifference found = tasks::difference(first, second, args.conf);
    double worst_px = 0;
    for (const tasks::ObjectDifference& each : found.matched) {
        ++out.matched;
        out.mean_box_px += each.box_px;
        worst_px = std::max(worst_px, each.box_px);
        raise(each.score, out.max_score, out.mean_score);
        add(each.mask_iou ? std::optional(1 - *each.mask_iou) : std::nullopt, out.mask);
        add(each.keypoint_px, out.keypoint_px);
        add(each.angle_deg, out.angle_deg);
    }
    const auto is_missed = [&](double above_conf) { return above_conf > args.tolerance_score; };
    out.unmatched_first += found.only_first.size();
    out.unmatched_second += found.only_second.size();
    out.missed += static_cast<std::size_t>(std::ranges::count_if(found.only_first, is_missed) +
                                           std::ranges::count_if(found.only_second, is_missed));
    if (out.worst.empty() || worst_px > out.max_box_px) out.worst = first.path;
    out.max_box_px = std::max(out.max_box_px, worst_px);
    ++out.images;
}

/// What a side really did.
struct Ran {
    std::string where;  ///< device and precision
    std::string precision;
};

/// One side at work, an image at a time.
class Worker {
public:
    Worker(ModelPtr model, const PredictArgs& args)
        : setup_{.model = std::move(model), .args = args, .imgsz = {}},
          args_(engine::runtime_args(*setup_.model, setup_.args.runtime)) {
        engine::check(setup_.args, setup_.model->info);
        engine::resolve_input_shape(setup_, args_);
        const auto loaded = [this](runtime::CompiledNetwork& network) {
            ran_ = {network.describe(), network.precision()};
        };
        runner_.emplace(setup_, args_, loaded, [this](const tensors::Outputs& outputs) { raw_ = outputs; });
    }

    /// @throws Error if the side fails
    Results run(const data::Frame& frame) {
        std::vector<engine::Predicted> out = runner_->run({frame});
        if (out.front().failure) throw Error(*out.front().failure);
        return std::move(out.front().results);
    }
    /// Of the last image.
    const tensors::Outputs& raw() const { return raw_; }
    const Ran& ran() const { return ran_; }

    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

private:
    engine::PredictSetup setup_;
    runtime::RuntimeArgs args_;
    std::optional<engine::BatchRunner> runner_;
    tensors::Outputs raw_;
    Ran ran_;
};

/// Two sides may request different precisions and get the same, or the other way round.
void warn_of_precision(const std::array<AgreeSide, 2>& sides, const Ran& first, const Ran& second) {
    const std::string_view requested[2] = {requested_precision(sides[0].runtime),
                                           requested_precision(sides[1].runtime)};
    if (requested[0] == requested[1]) {
        if (first.precision == second.precision) return;
        return base::warn(
            "the first side ran in {} and the second in {}, which alone moves boxes and scores; precision=f32 compares "
            "the rest",
            first.precision, second.precision);
    }
    if (first.precision != second.precision) return;
    std::string why;
    for (const std::string_view each : requested) {
        if (each != "auto" && each != first.precision) why = fmt::format(": the device has no {}", each);
    }
    AgreeSide rest = sides[1];
    rest.runtime.precision = sides[0].runtime.precision;
    rest.runtime.half = sides[0].runtime.half;
    // An export with half weights is another network, whatever the device computes in.
    const bool same_weights =
        sides[0].runtime.half == sides[1].runtime.half || rest.format.empty() || rest.format == kCheckpoint;
    base::warn("both sides ran in {}, though {} and {} were requested{}; {} compared", first.precision, requested[0],
               requested[1], why, rest == sides[0] && same_weights ? "nothing was" : "precisions were not");
}

void compare_images(const ModelPtr models[2], const std::array<AgreeSide, 2>& sides, const AgreeArgs& args,
                    Agreement& out) {
    PredictArgs predict_args[2] = {args_for_side<PredictArgs>(*models[0], sides[0], args),
                                   args_for_side<PredictArgs>(*models[1], sides[1], args)};
    for (PredictArgs& each : predict_args) each.conf = args.conf;
    Worker first(models[0], predict_args[0]);
    Worker second(models[1], predict_args[1]);
    engine::RawComparison raw(*models[0]->task, models[0]->form());
    const std::unique_ptr<data::FrameSource> source = data::open_source(args.source, {});
    for (std::vector<data::Frame> frames = source->next(1); !frames.empty(); frames = source->next(1)) {
        for (const data::Frame& frame : frames) {
            const Results one = first.run(frame);
            const Results other = second.run(frame);
            compare(one, other, args, out);
            raw.add({1, one.input_shape}, first.raw(), {1, other.input_shape}, second.raw());
        }
    }
    if (out.images == 0) {
        throw Error(ErrorCode::NotFound, "agree",
                    fmt::format("no image of the source could be read ({} skipped)", source->skipped()));
    }
    out.first_ran = first.ran().where;
    out.second_ran = second.ran().where;
    warn_of_precision(sides, first.ran(), second.ran());
    out.raw = raw.result();
    out.raw_missing = raw.unavailable_reason();
}

void finish_means(Agreement& out) {
    if (out.matched == 0) return;
    const auto count = static_cast<double>(out.matched);
    out.mean_box_px /= count;
    out.mean_score /= count;
    for (std::optional<Spread>* spread : {&out.mask, &out.keypoint_px, &out.angle_deg}) {
        if (*spread) (*spread)->mean /= count;
    }
}

double map_of(const engine::LoadedModel& model, const AgreeSide& side, const AgreeArgs& options) {
    ValArgs args = args_for_side<ValArgs>(model, side, options);
    args.data = options.data;
    args.batch = 1;
    args.plots = false;
    return engine::validate(model, args).map;
}

Agreement measure(const AgreeArgs& args) {
    options::check(args);
    const std::array<AgreeSide, 2> sides = {resolved(args.sides[0]), resolved(args.sides[1])};
    if (sides[0].model.empty() || sides[1].model.empty()) fail("no model is given");
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
        (sides[0].runtime.half == sides[1].runtime.half || sides[0].format.empty() || sides[0].format == kCheckpoint);
    models[1] = same_model ? models[0] : open_side(sides[1], args, exports.path());
    if (*models[0]->names != *models[1]->names) fail("the two models have different classes");
    Agreement out;
    out.first = text_of(sides[0]);
    out.second = text_of(sides[1]);
    compare_images(models, sides, args, out);
    if (out.matched + out.unmatched_first + out.unmatched_second == 0) {
        base::warn("no detections above conf={} on either side in {} images: the result is not meaningful", args.conf,
                   out.images);
    }
    finish_means(out);
    const auto within = [](const std::optional<Spread>& spread, double tolerance) {
        return !spread || spread->largest <= tolerance;
    };
    out.agrees = out.missed == 0 && out.max_box_px <= args.tolerance_box && out.max_score <= args.tolerance_score &&
                 within(out.mask, args.tolerance_mask) && within(out.keypoint_px, args.tolerance_keypoint) &&
                 within(out.angle_deg, args.tolerance_angle) && (!out.raw || out.raw->not_finite == 0);
    if (!args.data.empty()) {
        out.map_first = map_of(*models[0], sides[0], args);
        out.map_second = map_of(*models[1], sides[1], args);
        out.agrees = out.agrees && std::abs(*out.map_first - *out.map_second) <= args.tolerance_map;
    }
    return out;
}

std::string json_of(const Agreement& found) {
    nlohmann::ordered_json out = {{"first", found.first},
                                  {"second", found.second},
                                  {"first_ran", found.first_ran},
                                  {"second_ran", found.second_ran},
                                  {"images", found.images},
                                  {"matched", found.matched},
                                  {"unmatched_first", found.unmatched_first},
                                  {"unmatched_second", found.unmatched_second},
                                  {"missed", found.missed},
                                  {"max_box_px", found.max_box_px},
                                  {"mean_box_px", found.mean_box_px},
                                  {"max_score", found.max_score},
                                  {"mean_score", found.mean_score},
                                  {"worst", found.worst}};
    const auto add_spread = [&](const char* key, const std::optional<Spread>& spread) {
        if (spread) out[key] = {{"largest", spread->largest}, {"mean", spread->mean}};
    };
    add_spread("mask", found.mask);
    add_spread("keypoint_px", found.keypoint_px);
    add_spread("angle_deg", found.angle_deg);
    if (found.raw) {
        out["raw"] = {{"max_box_px", found.raw->max_box_px}, {"mean_box_px", found.raw->mean_box_px},
                      {"max_score", found.raw->max_score},   {"mean_score", found.raw->mean_score},
                      {"max_other", found.raw->max_other},   {"mean_other", found.raw->mean_other},
                      {"not_finite", found.raw->not_finite}};
    } else {
        out["raw_missing"] = found.raw_missing;
    }
    if (found.map_first && found.map_second) out["map"] = {*found.map_first, *found.map_second};
    out["agrees"] = found.agrees;
    return out.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

Agreement agree(const AgreeArgs& args) {
    return base::api_call("agree", [&] { return measure(args); });
}

std::string Agreement::to_json() const {
    return base::api_call("agree", [&] { return json_of(*this); });
}

}  // namespace yolovino
