#include "serve/kserve/boxes_model.hpp"

#include <chrono>
#include <fmt/format.h>
#include <span>

#include "base/fail.hpp"
#include "serve/kserve/base64.hpp"
#include "serve/kserve/binary_tensors.hpp"

namespace yolovino::serve {

namespace {

constexpr std::string_view kInput = "image";
constexpr std::uint64_t kMaxImages = 64;

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// What the outputs of all tasks are made of.
struct Columns {
    std::vector<std::string> results;
    std::vector<std::int32_t> image_index;
    std::vector<std::int32_t> classes;
    std::vector<float> scores;
    std::vector<float> boxes;
    std::vector<float> obb;
    std::vector<float> keypoints;
    std::vector<float> probs;
};

void append(Columns& columns, const Results& result, std::int32_t image, int decimals) {
    columns.results.push_back(result.to_json(false, decimals));
    const auto object = [&](float score, int cls) {
        columns.image_index.push_back(image);
        columns.scores.push_back(score);
        columns.classes.push_back(cls);
    };
    if (result.obb) {
        for (const RotatedBox& each : *result.obb) {
            object(each.conf, each.cls);
            columns.obb.insert(columns.obb.end(), {each.cx, each.cy, each.width, each.height, each.angle});
        }
    }
    for (const Box& each : result.boxes) {
        object(each.conf, each.cls);
        columns.boxes.insert(columns.boxes.end(), {each.x1, each.y1, each.x2, each.y2});
    }
    if (result.keypoints)
        columns.keypoints.insert(columns.keypoints.end(), result.keypoints->data.begin(), result.keypoints->data.end());
    if (result.probs) columns.probs.insert(columns.probs.end(), result.probs->data.begin(), result.probs->data.end());
}

class BoxesModel final : public ServedModel {
public:
    using ServedModel::ServedModel;

    std::string name() const override { return generation().name + std::string(kBoxesSuffix); }
    TensorInfo input() const override { return {std::string(kInput), Datatype::Bytes, {-1}}; }
    RawInput raw_input() const override { return {std::string(kInput), Datatype::Bytes, {1}}; }

    std::vector<TensorInfo> outputs() const override {
        const ModelInfo& info = generation().model.info();
        std::vector<TensorInfo> all = {{"results", Datatype::Bytes, {-1}}};
        if (classifies()) {
            all.push_back({"probs", Datatype::Fp32, {-1, static_cast<std::int64_t>(info.names.size())}});
            return all;
        }
        all.push_back({"image_index", Datatype::Int32, {-1}});
        all.push_back({"classes", Datatype::Int32, {-1}});
        all.push_back({"scores", Datatype::Fp32, {-1}});
        if (rotated()) {
            all.push_back({"obb", Datatype::Fp32, {-1, 5}});
        } else {
            all.push_back({"boxes", Datatype::Fp32, {-1, 4}});
        }
        if (info.kpt_shape.count > 0)
            all.push_back({"keypoints", Datatype::Fp32, {-1, info.kpt_shape.count, info.kpt_shape.dims}});
        return all;
    }

    Inference run(const InferRequest& request) const override {
        if (request.inputs.size() != 1 || request.inputs.front().name != kInput)
            throw Error(ErrorCode::InvalidArgument, "kserve",
                        fmt::format("model '{}' takes one input, '{}'", name(), kInput));
        Inference out;
        auto start = Clock::now();
        std::vector<std::string> kept;
        const std::vector<std::string_view> images = images_of(request.inputs.front(), kept);
        out.images = images.size();
        out.input_ms = ms_since(start);
        Columns columns;
        for (std::size_t i = 0; i < images.size(); ++i) {
            start = Clock::now();
            Results result = predict(images[i], i, images.size());
            out.infer_ms += result.speed.inference;
            out.input_ms += ms_since(start) - result.speed.inference - result.speed.postprocess;
            start = Clock::now();
            append(columns, result, static_cast<std::int32_t>(i), kDecimals);
            out.output_ms += result.speed.postprocess + ms_since(start);
            result.orig_img = {};
            out.results.push_back(std::move(result));
        }
        out.outputs = tensors_of(std::move(columns), images.size());
        return out;
    }

private:
    static constexpr int kDecimals = 5;

    bool classifies() const { return generation().model.task() == "classify"; }
    bool rotated() const { return generation().model.task() == "obb"; }

    static std::vector<std::string_view> images_of(const InferInput& input, std::vector<std::string>& kept) {
        if (input.datatype != Datatype::Bytes)
            throw Error(ErrorCode::InvalidArgument, "kserve",
                        fmt::format("input '{}' is {}, wanted BYTES: files of images as they are", kInput,
                                    name_of(input.datatype)));
        const bool row = input.shape.size() == 1 || (input.shape.size() == 2 && input.shape[1] == 1);
        if (!row || input.count == 0 || input.count > kMaxImages)
            throw Error(ErrorCode::ShapeMismatch, "kserve",
                        fmt::format("input '{}' has the shape [{}], wanted [n] with 1 to {} images", kInput,
                                    fmt::join(input.shape, ", "), kMaxImages));
        if (input.raw) return {*input.binary};
        if (input.binary) return read_bytes_elements(*input.binary, input.count, kInput);
        for (const std::string& text : input.texts) {
            kept.push_back(decode_base64(text).value_or(std::string()));
            if (kept.back().empty())
                throw Error(ErrorCode::InvalidArgument, "kserve",
                            fmt::format("input '{}': element {} is no base64", kInput, kept.size() - 1), {},
                            "in JSON images are base64; binary tensors take them as they are");
        }
        return {kept.begin(), kept.end()};
    }

    Results predict(std::string_view image, std::size_t index, std::size_t count) const {
        try {
            return generation().predictor(std::as_bytes(std::span(image.data(), image.size())));
        } catch (const Error& e) {
            if (count == 1) throw;
            throw Error(e.code(), "kserve", fmt::format("image {} of {}: {}", index, count, e.message()), e.where(),
                        e.hint());
        }
    }

    std::vector<InferOutput> tensors_of(Columns&& columns, std::size_t images) const {
        const auto objects = static_cast<std::int64_t>(columns.scores.size());
        std::vector<InferOutput> all;
        for (const TensorInfo& info : outputs()) {
            InferOutput output{info.name, info.shape, {}};
            output.shape.front() = objects;
            if (info.name == "results") {
                output.shape = {static_cast<std::int64_t>(images)};
                output.values = std::move(columns.results);
            } else if (info.name == "probs") {
                output.shape.front() = static_cast<std::int64_t>(images);
                output.values = std::move(columns.probs);
            } else if (info.name == "image_index") {
                output.values = std::move(columns.image_index);
            } else if (info.name == "classes") {
                output.values = std::move(columns.classes);
            } else if (info.name == "scores") {
                output.values = std::move(columns.scores);
            } else if (info.name == "obb") {
                output.values = std::move(columns.obb);
            } else if (info.name == "keypoints") {
                output.values = std::move(columns.keypoints);
            } else {
                output.values = std::move(columns.boxes);
            }
            all.push_back(std::move(output));
        }
        return all;
    }
};

}  // namespace

std::unique_ptr<ServedModel> boxes_model(std::shared_ptr<const Generation> generation) {
    return std::make_unique<BoxesModel>(std::move(generation));
}

}  // namespace yolovino::serve
