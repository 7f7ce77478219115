#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "base/fail.hpp"
#include "runtime/cpu_only.hpp"
#include "runtime/onnxruntime/half.hpp"
#include "runtime/onnxruntime/library.hpp"
#include "runtime/session.hpp"
#include "runtime/signature.hpp"
#include "writers/half.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "onnxruntime";
constexpr std::size_t kMaxReason = 400;

/// The runtime's messages run over several lines.
std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    if (text.size() > kMaxReason) text = text.substr(0, kMaxReason) + "…";
    return text;
}

/// Throws if the call failed.
void check(ort::Status* status, ErrorCode code, std::string_view what, const std::string& file = {}) {
    if (status == nullptr) return;
    const std::string reason = one_line(ort::api().call(ort::kGetErrorMessage, status));
    ort::api().call(ort::kReleaseStatus, status);
    throw Error(code, kArea, fmt::format("{}: {}", what, reason), {.file = file});
}

void check(ort::Status* status) {
    check(status, ErrorCode::RuntimeFailure, "the runtime failed");
}

/// Owns an object of the runtime.
template <typename T, auto kRelease>
struct Release {
    void operator()(T* object) const { ort::api().call(kRelease, object); }
};
template <typename T, auto kRelease>
using Owned = std::unique_ptr<T, Release<T, kRelease>>;
using OwnedSession = Owned<ort::Session, ort::kReleaseSession>;
using OwnedValue = Owned<ort::Value, ort::kReleaseValue>;

/// The one environment of the process; never destroyed.
ort::Env* environment() {
    static ort::Env* env = [] {
        ort::Env* created = nullptr;
        check(ort::api().call(ort::kCreateEnv, ort::kLogFatal, "yolovino", &created));
        return created;
    }();
    return env;
}

OwnedSession open_session(const std::filesystem::path& file) {
    const ort::Api& api = ort::api();
    ort::SessionOptions* raw_options = nullptr;
    check(api.call(ort::kCreateSessionOptions, &raw_options));
    const Owned<ort::SessionOptions, ort::kReleaseSessionOptions> options(raw_options);
    check(api.call(ort::kSetSessionLogSeverityLevel, raw_options, ort::kLogFatal));
    check(api.call(ort::kSetSessionGraphOptimizationLevel, raw_options, ort::kOptimizeAll));
    check(api.call(ort::kSetIntraOpNumThreads, raw_options, core_count()));
    ort::Session* session = nullptr;
    check(api.call(ort::kCreateSession, environment(), file.c_str(),
                   static_cast<const ort::SessionOptions*>(raw_options), &session),
          ErrorCode::CorruptFile, "cannot read the model", file.string());
    return OwnedSession(session);
}

graph::Shape sides_of(const ort::TensorInfo* info) {
    std::size_t rank = 0;
    check(ort::api().call(ort::kGetDimensionsCount, info, &rank));
    graph::Shape sides(rank);
    check(ort::api().call(ort::kGetDimensions, info, sides.data(), rank));
    return sides;
}

template <typename GetInfo>
TensorSignature signature_of(const ort::Session* session, std::size_t index, GetInfo get_info) {
    const ort::Api& api = ort::api();
    ort::TypeInfo* raw = nullptr;
    check(api.call(get_info, session, index, &raw));
    const Owned<ort::TypeInfo, ort::kReleaseTypeInfo> type(raw);
    const ort::TensorInfo* info = nullptr;
    check(api.call(ort::kCastTypeInfoToTensorInfo, static_cast<const ort::TypeInfo*>(raw), &info));
    if (info == nullptr) return {.type = "no tensor", .ranked = false, .sides = {}};
    int element = 0;
    check(api.call(ort::kGetTensorElementType, info, &element));
    const std::string name = element == ort::kElementFloat     ? "f32"
                             : element == ort::kElementFloat16 ? "f16"
                                                               : fmt::format("type {}", element);
    return {.type = name, .ranked = true, .sides = sides_of(info)};
}

template <typename GetName>
std::string name_of(const ort::Session* session, GetName get_name) {
    ort::Allocator* allocator = nullptr;
    check(ort::api().call(ort::kGetAllocatorWithDefaultOptions, &allocator));
    char* text = nullptr;
    check(ort::api().call(get_name, session, std::size_t{0}, allocator, &text));
    std::string name = text;
    check(ort::api().call(ort::kAllocatorFree, allocator, text));
    return name;
}

/// What the sessions of one file share. Running is thread-safe.
struct Network {
    OwnedSession session;
    Signature signature;
    std::string file;
    std::string input_name;
    std::string output_name;
};

class OrtSession final : public Session {
public:
    explicit OrtSession(std::shared_ptr<const Network> network) : network_(std::move(network)) {}

    std::span<float> input(const InputShape& shape) override {
        const std::array<std::int64_t, 4> wanted = {shape.batch, 3, shape.size.height, shape.size.width};
        const graph::Shape& declared = network_->signature.inputs.front().sides;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (declared[i] == graph::kDynamic || declared[i] == wanted[i]) continue;
            throw Error(ErrorCode::ShapeMismatch, kArea,
                        fmt::format("the network takes {}, got {}", graph::to_text(declared),
                                    graph::to_text({wanted.begin(), wanted.end()})),
                        {.file = network_->file});
        }
        if (wanted != sides_) {
            sides_ = wanted;
            tensor_.reset();
            input_.assign(static_cast<std::size_t>(wanted[0] * wanted[1] * wanted[2] * wanted[3]), 0.0F);
        }
        return input_;
    }

    RawOutput infer() override {
        const ort::Api& api = ort::api();
        prepare_tensor();
        const char* const in_name = network_->input_name.c_str();
        const char* const out_name = network_->output_name.c_str();
        const ort::Value* in = tensor_.get();
        ort::Value* out = nullptr;
        check(api.call(ort::kRun, network_->session.get(), static_cast<const ort::RunOptions*>(nullptr), &in_name, &in,
                       std::size_t{1}, &out_name, std::size_t{1}, &out),
              ErrorCode::RuntimeFailure, "inference failed", network_->file);
        output_.reset(out);
        return read_output();
    }

private:
    bool half_input() const { return network_->signature.inputs.front().type == "f16"; }

    /// The tensor shares the memory of the input, or of its halves.
    void prepare_tensor() {
        if (half_input()) {
            half_.resize(input_.size());
            std::ranges::transform(input_, half_.begin(), writers::to_half);
        }
        if (tensor_) return;
        const ort::Api& api = ort::api();
        ort::MemoryInfo* raw = nullptr;
        check(api.call(ort::kCreateCpuMemoryInfo, ort::kArenaAllocator, ort::kMemoryDefault, &raw));
        const Owned<ort::MemoryInfo, ort::kReleaseMemoryInfo> memory(raw);
        void* data = half_input() ? static_cast<void*>(half_.data()) : static_cast<void*>(input_.data());
        const std::size_t bytes = half_input() ? half_.size() * sizeof(std::uint16_t) : input_.size() * sizeof(float);
        ort::Value* value = nullptr;
        check(api.call(ort::kCreateTensorWithDataAsOrtValue, static_cast<const ort::MemoryInfo*>(raw), data, bytes,
                       static_cast<const std::int64_t*>(sides_.data()), sides_.size(),
                       half_input() ? ort::kElementFloat16 : ort::kElementFloat, &value));
        tensor_.reset(value);
    }

    RawOutput read_output() {
        const ort::Api& api = ort::api();
        ort::TensorInfo* raw = nullptr;
        check(api.call(ort::kGetTensorTypeAndShape, static_cast<const ort::Value*>(output_.get()), &raw));
        const Owned<ort::TensorInfo, ort::kReleaseTensorInfo> info(raw);
        const graph::Shape sides = sides_of(raw);
        if (sides.size() != 3) {
            throw Error(ErrorCode::ShapeMismatch, kArea,
                        fmt::format("the output is {}, wanted [N, 4 + classes, anchors]", graph::to_text(sides)),
                        {.file = network_->file});
        }
        void* data = nullptr;
        check(api.call(ort::kGetTensorMutableData, output_.get(), &data));
        const auto count = static_cast<std::size_t>(sides[0] * sides[1] * sides[2]);
        std::span<const float> values(static_cast<const float*>(data), count);
        if (network_->signature.outputs.front().type == "f16") {
            const std::span<const std::uint16_t> halves(static_cast<const std::uint16_t*>(data), count);
            widened_.resize(count);
            std::ranges::transform(halves, widened_.begin(), from_half);
            values = widened_;
        }
        return {values, static_cast<std::size_t>(sides[0]), static_cast<std::size_t>(sides[1]),
                static_cast<std::size_t>(sides[2])};
    }

    std::shared_ptr<const Network> network_;
    std::array<std::int64_t, 4> sides_ = {};
    std::vector<float> input_;
    std::vector<std::uint16_t> half_;
    std::vector<float> widened_;
    OwnedValue tensor_;
    OwnedValue output_;
};

class OrtCompiled final : public CompiledNetwork {
public:
    explicit OrtCompiled(std::shared_ptr<const Network> network) : network_(std::move(network)) {}
    std::unique_ptr<Session> new_session() override { return std::make_unique<OrtSession>(network_); }
    std::string describe() override {
        return fmt::format("ONNX Runtime {} on CPU in f32 with {} threads", ort::api().version(), core_count());
    }

private:
    std::shared_ptr<const Network> network_;
};

class OrtLoaded final : public LoadedNetwork {
public:
    explicit OrtLoaded(std::shared_ptr<const Network> network)
        : network_(std::move(network)), compiled_(std::make_shared<OrtCompiled>(network_)) {}

    bool dynamic() const override {
        const graph::Shape& sides = network_->signature.inputs.front().sides;
        return std::ranges::find(sides, graph::kDynamic) != sides.end();
    }
    InputShape shape() const override {
        const graph::Shape& sides = network_->signature.inputs.front().sides;
        const auto side = [&](std::size_t i) { return static_cast<int>(std::max<std::int64_t>(sides[i], 0)); };
        return {side(0), {side(2), side(3)}};
    }
    int classes() const override { return classes_of(network_->signature); }

    std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape&) override {
        expect_cpu_f32("ONNX Runtime", kArea, args);
        return compiled_;
    }

private:
    std::shared_ptr<const Network> network_;
    std::shared_ptr<OrtCompiled> compiled_;
};

}  // namespace

std::unique_ptr<LoadedNetwork> load_onnxruntime(const std::filesystem::path& onnx) {
    const ort::Api& api = ort::api();
    auto network = std::make_shared<Network>();
    network->file = onnx.string();
    network->session = open_session(onnx);
    const ort::Session* session = network->session.get();
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    check(api.call(ort::kSessionGetInputCount, session, &inputs));
    check(api.call(ort::kSessionGetOutputCount, session, &outputs));
    for (std::size_t i = 0; i < inputs; ++i)
        network->signature.inputs.push_back(signature_of(session, i, ort::kSessionGetInputTypeInfo));
    for (std::size_t i = 0; i < outputs; ++i)
        network->signature.outputs.push_back(signature_of(session, i, ort::kSessionGetOutputTypeInfo));
    expect_detection_network(network->signature, kArea, network->file);
    network->input_name = name_of(session, ort::kSessionGetInputName);
    network->output_name = name_of(session, ort::kSessionGetOutputName);
    return std::make_unique<OrtLoaded>(std::move(network));
}

std::string onnxruntime_version() {
    return ort::api().version();
}

}  // namespace yolovino::runtime
