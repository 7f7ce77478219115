#include "runtime/onnxruntime/network.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "base/fail.hpp"
#include "base/half.hpp"
#include "base/processors.hpp"
#include "runtime/cpu_only.hpp"
#include "runtime/onnxruntime/library.hpp"
#include "tensors/signature.hpp"

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
    check(api.call(ort::kSetIntraOpNumThreads, raw_options, static_cast<int>(base::processor_count())));
    ort::Session* session = nullptr;
    check(api.call(ort::kCreateSession, environment(), file.c_str(),
                   static_cast<const ort::SessionOptions*>(raw_options), &session),
          ErrorCode::CorruptFile, "cannot read the model", file.string());
    return OwnedSession(session);
}

void read_dims(const ort::TensorInfo* info, graph::Shape& dims) {
    std::size_t rank = 0;
    check(ort::api().call(ort::kGetDimensionsCount, info, &rank));
    dims.resize(rank);
    check(ort::api().call(ort::kGetDimensions, info, dims.data(), rank));
}

template <typename GetInfo>
tensors::TensorSignature signature_of(const ort::Session* session, std::size_t index, GetInfo get_info) {
    const ort::Api& api = ort::api();
    ort::TypeInfo* raw = nullptr;
    check(api.call(get_info, session, index, &raw));
    const Owned<ort::TypeInfo, ort::kReleaseTypeInfo> type(raw);
    const ort::TensorInfo* info = nullptr;
    check(api.call(ort::kCastTypeInfoToTensorInfo, static_cast<const ort::TypeInfo*>(raw), &info));
    if (info == nullptr) return {.type = "no tensor", .ranked = false, .dims = {}};
    int element = 0;
    check(api.call(ort::kGetTensorElementType, info, &element));
    const std::string name = element == ort::kElementFloat     ? "f32"
                             : element == ort::kElementFloat16 ? "f16"
                                                               : fmt::format("type {}", element);
    tensors::TensorSignature tensor{.type = name, .ranked = true, .dims = {}};
    read_dims(info, tensor.dims);
    return tensor;
}

template <typename GetName>
std::string name_of(const ort::Session* session, std::size_t index, GetName get_name) {
    ort::Allocator* allocator = nullptr;
    check(ort::api().call(ort::kGetAllocatorWithDefaultOptions, &allocator));
    char* text = nullptr;
    check(ort::api().call(get_name, session, index, allocator, &text));
    std::string name = text;
    check(ort::api().call(ort::kAllocatorFree, allocator, text));
    return name;
}

/// What the sessions of one file share. Running is thread-safe.
struct Network {
    OwnedSession session;
    tensors::Signature signature;
    std::string file;
    std::string input_name;
    std::vector<std::string> output_names;
};

class OrtSession final : public Session {
public:
    explicit OrtSession(std::shared_ptr<const Network> network)
        : network_(std::move(network)),
          values_(network_->output_names.size()),
          owned_(values_.size()),
          widened_(values_.size()) {
        for (const std::string& name : network_->output_names) {
            names_.push_back(name.c_str());
            outputs_.tensors.push_back({.name = name, .shape = {}, .data = {}});
        }
    }

    std::span<float> input(const InputShape& shape) override {
        const std::array<std::int64_t, 4> wanted = {shape.batch, 3, shape.size.height, shape.size.width};
        const graph::Shape& declared = network_->signature.inputs.front().dims;
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

    const tensors::Outputs& infer() override {
        const ort::Api& api = ort::api();
        prepare_tensor();
        const char* const in_name = network_->input_name.c_str();
        const ort::Value* in = tensor_.get();
        std::ranges::fill(values_, nullptr);
        check(api.call(ort::kRun, network_->session.get(), static_cast<const ort::RunOptions*>(nullptr), &in_name, &in,
                       std::size_t{1}, static_cast<const char* const*>(names_.data()), names_.size(), values_.data()),
              ErrorCode::RuntimeFailure, "inference failed", network_->file);
        for (std::size_t i = 0; i < values_.size(); ++i) owned_[i].reset(values_[i]);
        for (std::size_t i = 0; i < values_.size(); ++i) read_output(i);
        return outputs_;
    }

private:
    bool half_input() const { return network_->signature.inputs.front().type == "f16"; }

    /// The tensor shares the memory of the input, or of its halves.
    void prepare_tensor() {
        if (half_input()) {
            half_.resize(input_.size());
            std::ranges::transform(input_, half_.begin(), base::to_half);
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

    void read_output(std::size_t index) {
        const ort::Api& api = ort::api();
        tensors::OutputTensor& tensor = outputs_.tensors[index];
        ort::TensorInfo* raw = nullptr;
        check(api.call(ort::kGetTensorTypeAndShape, static_cast<const ort::Value*>(values_[index]), &raw));
        const Owned<ort::TensorInfo, ort::kReleaseTensorInfo> info(raw);
        read_dims(raw, tensor.shape);
        std::size_t count = 1;
        for (const std::int64_t dim : tensor.shape) count *= static_cast<std::size_t>(dim);
        void* data = nullptr;
        check(api.call(ort::kGetTensorMutableData, values_[index], &data));
        tensor.data = {static_cast<const float*>(data), count};
        if (network_->signature.outputs[index].type == "f16") {
            const std::span<const std::uint16_t> halves(static_cast<const std::uint16_t*>(data), count);
            widened_[index].resize(count);
            std::ranges::transform(halves, widened_[index].begin(), base::from_half);
            tensor.data = widened_[index];
        }
    }

    std::shared_ptr<const Network> network_;
    std::array<std::int64_t, 4> sides_ = {};
    std::vector<float> input_;
    std::vector<std::uint16_t> half_;
    OwnedValue tensor_;
    // Of each output. Nothing here is allocated again once the session is warm.
    std::vector<const char*> names_;
    std::vector<ort::Value*> values_;
    std::vector<OwnedValue> owned_;
    std::vector<std::vector<float>> widened_;
    tensors::Outputs outputs_;
};

class OrtCompiled final : public CompiledNetwork {
public:
    explicit OrtCompiled(std::shared_ptr<const Network> network) : network_(std::move(network)) {}
    std::unique_ptr<Session> new_session() override { return std::make_unique<OrtSession>(network_); }
    std::string describe() override {
        return fmt::format("ONNX Runtime {} on CPU in f32 with {} threads", ort::api().version(),
                           base::processor_count());
    }

private:
    std::shared_ptr<const Network> network_;
};

class OrtLoaded final : public LoadedNetwork {
public:
    explicit OrtLoaded(std::shared_ptr<const Network> network)
        : network_(std::move(network)), compiled_(std::make_shared<OrtCompiled>(network_)) {}

    bool dynamic() const override {
        const graph::Shape& dims = network_->signature.inputs.front().dims;
        return std::ranges::find(dims, graph::kDynamic) != dims.end();
    }
    InputShape shape() const override {
        const graph::Shape& dims = network_->signature.inputs.front().dims;
        const auto dim = [&](std::size_t i) { return static_cast<int>(std::max<std::int64_t>(dims[i], 0)); };
        return {dim(0), {dim(2), dim(3)}};
    }
    tensors::Signature signature() const override { return network_->signature; }

    std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape&) override {
        expect_cpu_f32("ONNX Runtime", kArea, args);
        return compiled_;
    }

private:
    std::shared_ptr<const Network> network_;
    std::shared_ptr<OrtCompiled> compiled_;
};

}  // namespace

std::unique_ptr<LoadedNetwork> load_onnxruntime(const std::filesystem::path& onnx,
                                                const tensors::SignatureCheck& wanted) {
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
    (wanted ? wanted : tensors::expect_image_network)(network->signature, kArea, network->file);
    network->input_name = name_of(session, 0, ort::kSessionGetInputName);
    for (std::size_t i = 0; i < outputs; ++i)
        network->output_names.push_back(name_of(session, i, ort::kSessionGetOutputName));
    return std::make_unique<OrtLoaded>(std::move(network));
}

std::string onnxruntime_version() {
    return ort::api().version();
}

}  // namespace yolovino::runtime
