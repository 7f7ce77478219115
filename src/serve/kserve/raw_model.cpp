#include "serve/kserve/raw_model.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <span>

#include "base/fail.hpp"
#include "base/half.hpp"

namespace yolovino::serve {

namespace {

constexpr std::string_view kInput = "images";

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Values of the network's input; `kept` owns them where the body's bytes cannot be used as they are.
std::span<const float> floats_of(const InferInput& input, std::vector<float>& kept) {
    const auto count = static_cast<std::size_t>(input.count);
    if (!input.binary) {
        if (input.datatype == Datatype::Fp32) return input.numbers;
        kept = input.numbers;
        for (float& value : kept) {
            if (!(value >= 0 && value <= 255))
                throw Error(ErrorCode::InvalidArgument, "kserve",
                            fmt::format("input '{}': {} is no value of UINT8", kInput, value));
            value /= 255.0F;
        }
        return kept;
    }
    const char* bytes = input.binary->data();
    if (input.datatype == Datatype::Fp32) {
        if (reinterpret_cast<std::uintptr_t>(bytes) % alignof(float) == 0)
            return {reinterpret_cast<const float*>(bytes), count};
        kept.resize(count);
        std::memcpy(kept.data(), bytes, count * sizeof(float));
    } else if (input.datatype == Datatype::Fp16) {
        std::vector<std::uint16_t> halves(count);
        std::memcpy(halves.data(), bytes, count * sizeof(std::uint16_t));
        kept.reserve(count);
        for (const std::uint16_t half : halves) kept.push_back(base::from_half(half));
    } else {
        kept.reserve(count);
        for (std::size_t i = 0; i < count; ++i)
            kept.push_back(static_cast<float>(static_cast<unsigned char>(bytes[i])) / 255.0F);
    }
    return kept;
}

class RawModel final : public ServedModel {
public:
    using ServedModel::ServedModel;

    std::string name() const override { return generation().name; }

    TensorInfo input() const override {
        const ImageSize size = fixed_size();
        if (is_dynamic(generation())) return {std::string(kInput), Datatype::Fp32, {-1, 3, -1, -1}};
        return {std::string(kInput), Datatype::Fp32, {generation().model.info().batch, 3, size.height, size.width}};
    }

    std::vector<TensorInfo> outputs() const override {
        std::vector<TensorInfo> all;
        for (const Tensor& output : generation().outputs) {
            TensorInfo info{output.name, Datatype::Fp32, output.shape};
            // Which of the later dimensions follow the size of the image is the network's matter; those of finished
            // boxes do not.
            const bool finished = generation().model.info().end2end;
            for (std::size_t i = 0; is_dynamic(generation()) && i < info.shape.size(); ++i) {
                if (i == 0 || (i > 1 && !finished)) info.shape[i] = -1;
            }
            all.push_back(std::move(info));
        }
        return all;
    }

    RawInput raw_input() const override {
        const ImageSize size = fixed_size();
        return {std::string(kInput), Datatype::Fp32, {1, 3, size.height, size.width}};
    }

    Inference run(const InferRequest& request) const override {
        if (request.inputs.size() != 1 || request.inputs.front().name != kInput)
            throw Error(ErrorCode::InvalidArgument, "kserve",
                        fmt::format("model '{}' takes one input, '{}'", name(), kInput));
        const InferInput& input = request.inputs.front();
        if (input.datatype != Datatype::Fp32 && input.datatype != Datatype::Fp16 && input.datatype != Datatype::Uint8)
            throw Error(ErrorCode::InvalidArgument, "kserve",
                        fmt::format("input '{}' is {}, wanted FP32, FP16, or UINT8", kInput, name_of(input.datatype)));
        const std::vector<std::int64_t>& shape = input.shape;
        const auto fits = [](std::int64_t n) { return n > 0 && n <= std::numeric_limits<std::int32_t>::max(); };
        if (shape.size() != 4 || shape[1] != 3 || !fits(shape[0]) || !fits(shape[2]) || !fits(shape[3]))
            throw Error(ErrorCode::ShapeMismatch, "kserve",
                        fmt::format("input '{}' has the shape [{}], wanted [n, 3, height, width]", kInput,
                                    fmt::join(shape, ", ")));
        Inference out;
        const auto start = Clock::now();
        std::vector<float> kept;
        const std::span<const float> values = floats_of(input, kept);
        out.input_ms = ms_since(start);
        const auto began = Clock::now();
        std::vector<Tensor> tensors = generation().predictor.infer(
            values, static_cast<int>(shape[0]), {static_cast<int>(shape[2]), static_cast<int>(shape[3])});
        out.infer_ms = ms_since(began);
        out.images = static_cast<std::uint64_t>(shape[0]);
        for (Tensor& tensor : tensors)
            out.outputs.push_back({std::move(tensor.name), std::move(tensor.shape), std::move(tensor.data)});
        return out;
    }

private:
    /// The size of images whose request names none.
    ImageSize fixed_size() const {
        const ModelInfo& info = generation().model.info();
        const ImageSize size = generation().args.imgsz.value_or(info.imgsz);
        const int stride = info.strides.empty() ? 1 : std::max(info.strides.back(), 1);
        const auto round_up = [stride](int pixels) { return (pixels + stride - 1) / stride * stride; };
        return {round_up(size.height), round_up(size.width)};
    }
};

}  // namespace

std::unique_ptr<ServedModel> raw_model(std::shared_ptr<const Generation> generation) {
    return std::make_unique<RawModel>(std::move(generation));
}

bool is_dynamic(const Generation& generation) {
    const ModelInfo& info = generation.model.info();
    return info.format == "pytorch" || info.dynamic;
}

}  // namespace yolovino::serve
