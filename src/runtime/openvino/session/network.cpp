#include "runtime/openvino/session/network.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mutex>
#include <openvino/openvino.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

#include "yolovino/spellings.hpp"

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "openvino/core.hpp"
#include "openvino/lowering.hpp"
#include "openvino/translate.hpp"
#include "runtime/openvino/session/compile.hpp"
#include "runtime/openvino/session/cpu_threads.hpp"
#include "runtime/openvino/session/device.hpp"
#include "runtime/openvino/session/precisions.hpp"
#include "runtime/openvino/session/properties.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "openvino";

using openvino::reason_in;
using openvino::translate;

/// OpenVINO would name the device as what went wrong.
void expect_cache_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error || !std::filesystem::is_directory(folder)) {
        throw Error(ErrorCode::IoFailure, kArea,
                    fmt::format("cannot create cache_dir: {}",
                                error ? error.message() : "a file with that name already exists"),
                    {.file = folder.string()}, "give a folder that can be written, or leave cache_dir out");
    }
}

tensors::TensorSignature signature_of(const ov::Output<const ov::Node>& port) {
    const ov::PartialShape& shape = port.get_partial_shape();
    tensors::TensorSignature tensor{
        .type = port.get_element_type().to_string(), .ranked = shape.rank().is_static(), .dims = {}};
    if (!tensor.ranked) return tensor;
    for (const ov::Dimension& dim : shape) tensor.dims.push_back(dim.is_static() ? dim.get_length() : graph::kDynamic);
    return tensor;
}

tensors::Signature signature_of(const ov::Model& model) {
    tensors::Signature signature;
    for (const auto& port : model.inputs()) signature.inputs.push_back(signature_of(port));
    for (const auto& port : model.outputs()) signature.outputs.push_back(signature_of(port));
    return signature;
}

bool has_dynamic_input(const ov::Model& model) {
    return model.input().get_partial_shape().is_dynamic();
}

/// The tensor may have several names: that of its result if it is among them. Readers call results
/// `<name>/sink_port_0`.
std::string name_of(const ov::Output<const ov::Node>& port, std::size_t index) {
    const std::string& result = port.get_node()->get_friendly_name();
    const std::string own = result.substr(0, result.rfind("/sink_port_"));
    const std::unordered_set<std::string>& names = port.get_names();
    if (names.contains(own)) return own;
    return names.empty() ? fmt::format("output{}", index) : *std::ranges::min_element(names);
}

/// Empty if the device does not have it.
std::string property_text(const ov::CompiledModel& model, const std::string& name) {
    try {
        return model.get_property(name).as<std::string>();
    } catch (const std::exception& e) {
        base::debug("the device does not report {}: {}", name, e.what());
        return {};
    }
}

std::string state_of(const ov::CompiledModel& model) {
    std::string state;
    for (const char* name : {"EXECUTION_DEVICES", "NUM_STREAMS", "INFERENCE_NUM_THREADS"}) {
        const std::string value = property_text(model, name);
        if (!value.empty()) state += fmt::format("{}{}={}", state.empty() ? "" : ", ", name, value);
    }
    return state;
}

/// A request that never returned can be neither used nor destroyed: its destructor would wait for it.
void abandon(ov::InferRequest request) {
    static std::mutex lock;
    static auto& abandoned = *new std::vector<ov::InferRequest>;
    const std::lock_guard guard(lock);
    abandoned.push_back(std::move(request));
}

class OpenVinoSession final : public Session {
public:
    OpenVinoSession(ov::CompiledModel model, double watchdog_s)
        : model_(std::move(model)), request_(model_.create_infer_request()), watchdog_s_(watchdog_s) {
        for (const auto& port : model_.outputs())
            outputs_.tensors.push_back({.name = name_of(port, outputs_.tensors.size()), .shape = {}, .data = {}});
    }

    std::span<float> input(const InputShape& shape) override {
        const ov::Shape wanted = {static_cast<std::size_t>(shape.batch), 3, static_cast<std::size_t>(shape.size.height),
                                  static_cast<std::size_t>(shape.size.width)};
        return translate(ErrorCode::ShapeMismatch, kArea, "the network does not accept this input", [&] {
            if (!request_) request_ = model_.create_infer_request();  // the last one was abandoned
            ov::Tensor tensor = request_.get_input_tensor();
            if (tensor.get_shape() != wanted) tensor.set_shape(wanted);
            return std::span<float>(tensor.data<float>(), tensor.get_size());
        });
    }

    const tensors::Outputs& infer() override {
        translate(ErrorCode::RuntimeFailure, kArea, "inference failed", [&] {
            if (watchdog_s_ > 0) {
                infer_watched();
            } else {
                request_.infer();
            }
            for (std::size_t i = 0; i < outputs_.tensors.size(); ++i) {
                const ov::Tensor tensor = request_.get_output_tensor(i);
                const ov::Shape& shape = tensor.get_shape();
                outputs_.tensors[i].shape.assign(shape.begin(), shape.end());
                outputs_.tensors[i].data = {tensor.data<const float>(), tensor.get_size()};
            }
        });
        return outputs_;
    }

private:
    void infer_watched() {
        request_.start_async();
        const auto limit = std::chrono::milliseconds(static_cast<std::int64_t>(watchdog_s_ * 1000));
        if (request_.wait_for(limit)) return;
        abandon(std::exchange(request_, {}));
        throw Error(ErrorCode::DeviceUnavailable, kArea,
                    fmt::format("an inference has not returned after {:g} s ({})", watchdog_s_, state_of(model_)), {},
                    "the device may hang; for a slow one raise watchdog");
    }

    ov::CompiledModel model_;
    ov::InferRequest request_;
    double watchdog_s_;
    tensors::Outputs outputs_;  // shapes keep their memory
};

/// What a device would compute in if this precision were requested.
std::string precision_of(const std::string& device, const std::string& requested) {
    ov::AnyMap config;
    if (!requested.empty()) config[ov::hint::inference_precision.name()] = requested;
    try {
        return property_text(openvino::core().compile_model(probe_model(), device, config),
                             ov::hint::inference_precision.name());
    } catch (const std::exception& e) {
        base::debug("device {} does not report its precision: {}", device, e.what());
        return {};
    }
}

class OpenVinoCompiled final : public CompiledNetwork {
public:
    /// @param source for the devices of the layers; null: the plugin names them
    OpenVinoCompiled(ov::CompiledModel model, std::shared_ptr<const ov::Model> source, std::string device,
                     RuntimeArgs args)
        : model_(std::move(model)), source_(std::move(source)), device_(std::move(device)), args_(std::move(args)) {}

    std::unique_ptr<Session> new_session() override {
        return translate(ErrorCode::RuntimeFailure, kArea, "cannot create a request",
                         [&] { return std::make_unique<OpenVinoSession>(model_, args_.watchdog_s); });
    }

    std::string describe() override {
        const std::vector<std::string> devices = execution_devices();
        return fmt::format("{} in {}", devices.empty() ? device_ : fmt::format("{}", fmt::join(devices, ", ")),
                           precision());
    }

    /// AUTO, MULTI, and HETERO do not report it; the devices behind them do.
    std::string precision() override {
        std::string own = property_text(model_, ov::hint::inference_precision.name());
        if (!own.empty()) return own;
        std::vector<std::string> all;
        for (const std::string& device : execution_devices()) {
            const std::string one = precision_of(device, asked_of(device));
            if (!one.empty() && std::ranges::find(all, one) == all.end()) all.push_back(one);
        }
        if (!all.empty()) return fmt::format("{}", fmt::join(all, " and "));
        return args_.precision == Precision::Auto ? "a precision that it does not report"
                                                  : std::string(name_of(args_.precision));
    }

    std::string mode() override { return property_text(model_, ov::hint::performance_mode.name()); }

    std::size_t optimal_requests() override {
        const std::string number = property_text(model_, ov::optimal_number_of_infer_requests.name());
        return static_cast<std::size_t>(std::max(1, std::atoi(number.c_str())));
    }

    std::vector<LayerPrecision> layers() override {
        std::vector<LayerPrecision> layers = layers_of(model_);
        if (device_.starts_with("HETERO")) add_devices(layers, source_, device_);
        return layers;
    }

private:
    std::vector<std::string> execution_devices() const {
        try {
            std::vector<std::string> devices = model_.get_property(ov::execution_devices);
            // AUTO writes "(CPU)" while that only helps out until another device is ready.
            for (std::string& device : devices) std::erase_if(device, [](char c) { return c == '(' || c == ')'; });
            return devices;
        } catch (const std::exception& e) {
            base::debug("the device does not report where it runs: {}", e.what());
            return {};
        }
    }

    std::string asked_of(const std::string& device) const {
        const std::string property = ov::hint::inference_precision.name();
        for (const std::string& key : {device + ":" + property, property}) {
            if (const auto found = args_.ov_config.find(key); found != args_.ov_config.end()) return found->second;
        }
        return args_.precision == Precision::Auto ? std::string() : std::string(name_of(args_.precision));
    }

    ov::CompiledModel model_;
    std::shared_ptr<const ov::Model> source_;
    std::string device_;
    RuntimeArgs args_;
};

class OpenVinoLoaded final : public LoadedNetwork {
public:
    OpenVinoLoaded(std::shared_ptr<ov::Model> model, std::string file, const tensors::SignatureCheck& wanted)
        : model_(std::move(model)), file_(std::move(file)) {
        check(wanted);
        translate(ErrorCode::RuntimeFailure, kArea, "cannot convert the input", [&] { take_floats(); });
    }

    explicit OpenVinoLoaded(LazyGraph graph) : lazy_(std::move(graph)) { preload_openvino(); }

    /// Suppression within a network leaves the number of boxes open, whatever the input.
    bool dynamic() const override { return is_lazy() || has_dynamic_input(*model_); }

    InputShape shape() const override {
        if (is_lazy()) return {0, {0, 0}};
        const ov::PartialShape shape = model_->input().get_partial_shape();
        const auto dim = [&](std::ptrdiff_t i) {
            return shape[i].is_static() ? static_cast<int>(shape[i].get_length()) : 0;
        };
        return {dim(0), {dim(2), dim(3)}};
    }

    tensors::Signature signature() const override { return is_lazy() ? tensors::Signature{} : signature_of(*model_); }

    void ready(const RuntimeArgs& args) override {
        if (is_lazy() && !is_kept(lazy_.identity, args.cache_dir)) static_cast<void>(built());
    }

    std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape& fixed) override {
        const std::string device = openvino_device(args.device);
        ov::AnyMap config = {ov::hint::performance_mode(args.performance == Performance::Throughput
                                                            ? ov::hint::PerformanceMode::THROUGHPUT
                                                            : ov::hint::PerformanceMode::LATENCY)};
        add_cpu_threads(config, device, args);
        if (args.streams > 0) config.insert(ov::num_streams(args.streams));
        if (args.precision == Precision::F32) config.insert(ov::hint::inference_precision(ov::element::f32));
        if (args.precision == Precision::Bf16) config.insert(ov::hint::inference_precision(ov::element::bf16));
        if (args.precision == Precision::F16) config.insert(ov::hint::inference_precision(ov::element::f16));
        if (!args.cache_dir.empty()) expect_cache_folder(args.cache_dir);
        add_properties(config, device, args.ov_config);
        return translate(
            ErrorCode::DeviceUnavailable, kArea, fmt::format("device {} cannot run the network", device), [&] {
                CompileJob job{.model = [&] { return shaped(fixed); },
                               .device = device,
                               .config = config,
                               .cache_dir = args.cache_dir,
                               .identity = lazy_.identity};
                job.shape = fmt::format("{} {} {}", fixed.batch, fixed.size.height, fixed.size.width);
                ov::CompiledModel compiled = compile_cached(job);
                return std::make_shared<OpenVinoCompiled>(
                    std::move(compiled), device.starts_with("HETERO") ? shaped(fixed) : nullptr, device, args);
            });
    }

private:
    bool is_lazy() const { return lazy_.build != nullptr; }

    std::shared_ptr<ov::Model> built() {
        const std::lock_guard guard(lock_);
        if (!model_) {
            model_ = openvino::lower(lazy_.build());
            check(lazy_.check);
        }
        return model_;
    }

    std::shared_ptr<ov::Model> shaped(const InputShape& fixed) {
        std::shared_ptr<ov::Model> model = built();
        if (fixed.batch == 0 || !has_dynamic_input(*model)) return model;
        model = model->clone();
        model->reshape(ov::PartialShape{fixed.batch, 3, fixed.size.height, fixed.size.width});
        return model;
    }

    void check(const tensors::SignatureCheck& wanted) const {
        (wanted ? wanted : tensors::expect_image_network)(signature_of(*model_), kArea, file_);
    }

    /// Files whose input and outputs are 16-bit floats get a conversion on both sides.
    void take_floats() {
        const auto is_f32 = [](const auto& port) { return port.get_element_type() == ov::element::f32; };
        const std::vector<ov::Output<ov::Node>> outputs = model_->outputs();
        if (is_f32(model_->input()) && std::ranges::all_of(outputs, is_f32)) return;
        ov::preprocess::PrePostProcessor steps(model_);
        steps.input().tensor().set_element_type(ov::element::f32);
        for (std::size_t i = 0; i < outputs.size(); ++i) steps.output(i).tensor().set_element_type(ov::element::f32);
        model_ = steps.build();
    }

    std::mutex lock_;
    std::shared_ptr<ov::Model> model_;  ///< of a lazy network nothing, until it is built
    std::string file_;
    LazyGraph lazy_ = {};
};

/// OpenVINO would try all its readers on any other file, and some of them write to stderr.
void expect_ir(const std::filesystem::path& file) {
    constexpr std::uint64_t kHeadBytes = 4096;
    const base::RandomAccessFile open(file);
    const std::vector<std::byte> head = open.read(0, std::min(open.size_bytes(), kHeadBytes));
    if (base::as_text(head).find("<net") != std::string_view::npos) return;
    throw Error(ErrorCode::UnsupportedFile, kArea, "not an OpenVINO model: it has no <net>", {.file = file.string()},
                "give a folder as written by export with format=openvino");
}

void expect_weights(const std::filesystem::path& xml) {
    const std::filesystem::path weights = std::filesystem::path(xml).replace_extension(".bin");
    if (base::is_file(weights)) return;
    throw Error(ErrorCode::NotFound, kArea, fmt::format("the weights of {} are missing", xml.filename().string()),
                {.file = weights.string()}, "a model is the whole folder, .xml and .bin");
}

}  // namespace

void check_openvino(const RuntimeArgs& args) {
    if (!args.device.empty()) static_cast<void>(openvino_device(args.device));
    if (!args.cache_dir.empty()) expect_cache_folder(args.cache_dir);
    if (!args.ov_config.empty()) check_properties(openvino_device(args.device), args.ov_config);
}

std::shared_ptr<ov::Model> read_openvino(const std::filesystem::path& file) {
    if (file.extension() == ".xml") {
        expect_ir(file);
        expect_weights(file);
    }
    try {
        return openvino::core().read_model(file);
    } catch (const std::exception& e) {
        throw Error(ErrorCode::CorruptFile, kArea, fmt::format("cannot read the model: {}", reason_in(e.what())),
                    {.file = file.string()});
    }
}

std::unique_ptr<LoadedNetwork> load_openvino(const std::filesystem::path& file, const tensors::SignatureCheck& check) {
    return std::make_unique<OpenVinoLoaded>(read_openvino(file), file.string(), check);
}

std::unique_ptr<LoadedNetwork> load_openvino(std::shared_ptr<ov::Model> model, const std::string& file,
                                             const tensors::SignatureCheck& check) {
    return std::make_unique<OpenVinoLoaded>(std::move(model), file, check);
}

std::unique_ptr<LoadedNetwork> load_openvino(const graph::Graph& graph) {
    return std::make_unique<OpenVinoLoaded>(openvino::lower(graph), "", nullptr);
}

std::unique_ptr<LoadedNetwork> load_openvino(LazyGraph graph) {
    return std::make_unique<OpenVinoLoaded>(std::move(graph));
}

}  // namespace yolovino::runtime
