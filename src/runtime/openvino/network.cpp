#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mutex>
#include <openvino/openvino.hpp>
#include <utility>
#include <vector>

#include "yolovino/spellings.hpp"

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "runtime/calibration.hpp"
#include "runtime/import.hpp"
#include "runtime/openvino/compile.hpp"
#include "runtime/openvino/device.hpp"
#include "runtime/openvino/precisions.hpp"
#include "runtime/openvino/properties.hpp"
#include "runtime/session.hpp"
#include "runtime/signature.hpp"
#include "writers/openvino/lowering.hpp"
#include "writers/openvino/reason.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "openvino";

using writers::openvino::reason_in;
using writers::openvino::translate;

/// OpenVINO would name the device as what went wrong.
void expect_cache_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error || !std::filesystem::is_directory(folder)) {
        throw Error(
            ErrorCode::IoFailure, kArea,
            fmt::format("cache_dir cannot be made: {}", error ? error.message() : "there is a file of its name"),
            {.file = folder.string()}, "give a folder that can be written, or leave cache_dir out");
    }
}

TensorSignature signature_of(const ov::Output<const ov::Node>& port) {
    const ov::PartialShape& shape = port.get_partial_shape();
    TensorSignature tensor{
        .type = port.get_element_type().to_string(), .ranked = shape.rank().is_static(), .sides = {}};
    if (!tensor.ranked) return tensor;
    for (const ov::Dimension& side : shape)
        tensor.sides.push_back(side.is_static() ? side.get_length() : graph::kDynamic);
    return tensor;
}

/// Empty if the device does not have it.
std::string property_text(const ov::CompiledModel& model, const std::string& name) {
    try {
        return model.get_property(name).as<std::string>();
    } catch (const std::exception& e) {
        base::debug("the device does not tell {}: {}", name, e.what());
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
        : model_(std::move(model)), request_(model_.create_infer_request()), watchdog_s_(watchdog_s) {}

    std::span<float> input(const InputShape& shape) override {
        const ov::Shape wanted = {static_cast<std::size_t>(shape.batch), 3, static_cast<std::size_t>(shape.size.height),
                                  static_cast<std::size_t>(shape.size.width)};
        return translate(ErrorCode::ShapeMismatch, kArea, "the network does not take this input", [&] {
            ov::Tensor tensor = request_.get_input_tensor();
            if (tensor.get_shape() != wanted) tensor.set_shape(wanted);
            return std::span<float>(tensor.data<float>(), tensor.get_size());
        });
    }

    RawOutput infer() override {
        return translate(ErrorCode::RuntimeFailure, kArea, "inference failed", [&] {
            if (watchdog_s_ > 0) {
                infer_watched();
            } else {
                request_.infer();
            }
            const ov::Tensor tensor = request_.get_output_tensor();
            const ov::Shape& shape = tensor.get_shape();
            return RawOutput{{tensor.data<const float>(), tensor.get_size()}, shape.at(0), shape.at(1), shape.at(2)};
        });
    }

private:
    void infer_watched() {
        request_.start_async();
        const auto limit = std::chrono::milliseconds(static_cast<std::int64_t>(watchdog_s_ * 1000));
        if (request_.wait_for(limit)) return;
        abandon(std::exchange(request_, model_.create_infer_request()));
        throw Error(ErrorCode::DeviceUnavailable, kArea,
                    fmt::format("an inference has not returned after {:g} s ({})", watchdog_s_, state_of(model_)), {},
                    "the device may hang; for a slow one raise watchdog");
    }

    ov::CompiledModel model_;
    ov::InferRequest request_;
    double watchdog_s_;
};

/// What a device would compute in if it were asked for this precision.
std::string precision_of(const std::string& device, const std::string& asked) {
    ov::AnyMap config;
    if (!asked.empty()) config[ov::hint::inference_precision.name()] = asked;
    try {
        return property_text(openvino_core().compile_model(probe_model(), device, config),
                             ov::hint::inference_precision.name());
    } catch (const std::exception& e) {
        base::debug("device {} does not tell its precision: {}", device, e.what());
        return {};
    }
}

class OpenVinoCompiled final : public CompiledNetwork {
public:
    /// @param source for the devices of the layers; null: the plugin tells them
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

    /// AUTO, MULTI, and HETERO do not tell it; the devices behind them do.
    std::string precision() override {
        std::string own = property_text(model_, ov::hint::inference_precision.name());
        if (!own.empty()) return own;
        std::vector<std::string> all;
        for (const std::string& device : execution_devices()) {
            const std::string one = precision_of(device, asked_of(device));
            if (!one.empty() && std::ranges::find(all, one) == all.end()) all.push_back(one);
        }
        if (!all.empty()) return fmt::format("{}", fmt::join(all, " and "));
        return args_.precision == Precision::Auto ? "a precision that it does not tell"
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
            base::debug("the device does not tell where it runs: {}", e.what());
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
    OpenVinoLoaded(std::shared_ptr<ov::Model> model, std::string file)
        : model_(std::move(model)), file_(std::move(file)) {
        check();
        translate(ErrorCode::RuntimeFailure, kArea, "cannot convert the input", [&] { take_floats(); });
    }

    explicit OpenVinoLoaded(LazyGraph graph) : lazy_(std::move(graph)), preloading_(preload_openvino()) {}

    bool dynamic() const override { return is_lazy() || model_->is_dynamic(); }

    InputShape shape() const override {
        if (is_lazy()) return {0, {0, 0}};
        const ov::PartialShape shape = model_->input().get_partial_shape();
        const auto side = [&](std::ptrdiff_t i) {
            return shape[i].is_static() ? static_cast<int>(shape[i].get_length()) : 0;
        };
        return {side(0), {side(2), side(3)}};
    }

    int classes() const override {
        if (is_lazy()) return lazy_.classes;
        const ov::Dimension rows = model_->output().get_partial_shape()[1];
        return rows.is_static() ? static_cast<int>(rows.get_length()) - 4 : 0;
    }

    void ready(const RuntimeArgs& args) override {
        if (is_lazy() && !is_kept(lazy_.identity, args.cache_dir)) static_cast<void>(built());
    }

    std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape& fixed) override {
        const std::string device = openvino_device(args.device);
        ov::AnyMap config = {ov::hint::performance_mode(args.performance == Performance::Throughput
                                                            ? ov::hint::PerformanceMode::THROUGHPUT
                                                            : ov::hint::PerformanceMode::LATENCY)};
        if (args.threads > 0) config.insert(ov::inference_num_threads(args.threads));
        if (args.streams > 0) config.insert(ov::num_streams(args.streams));
        if (args.precision == Precision::F32) config.insert(ov::hint::inference_precision(ov::element::f32));
        if (args.precision == Precision::Bf16) config.insert(ov::hint::inference_precision(ov::element::bf16));
        if (args.precision == Precision::F16) config.insert(ov::hint::inference_precision(ov::element::f16));
        if (!args.cache_dir.empty()) expect_cache_folder(args.cache_dir);
        add_properties(config, device, args.ov_config);
        return translate(
            ErrorCode::DeviceUnavailable, kArea, fmt::format("device {} does not take the network", device), [&] {
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
            model_ = writers::openvino::lower(lazy_.build());
            check();
        }
        return model_;
    }

    std::shared_ptr<ov::Model> shaped(const InputShape& fixed) {
        std::shared_ptr<ov::Model> model = built();
        if (fixed.batch == 0 || !model->is_dynamic()) return model;
        model = model->clone();
        model->reshape(ov::PartialShape{fixed.batch, 3, fixed.size.height, fixed.size.width});
        return model;
    }

    void check() const {
        Signature signature;
        for (const auto& port : std::as_const(*model_).inputs()) signature.inputs.push_back(signature_of(port));
        for (const auto& port : std::as_const(*model_).outputs()) signature.outputs.push_back(signature_of(port));
        expect_detection_network(signature, kArea, file_);
    }

    /// Files whose input and output are 16-bit floats get a conversion on both sides.
    void take_floats() {
        if (model_->input().get_element_type() == ov::element::f32 &&
            model_->output().get_element_type() == ov::element::f32) {
            return;
        }
        ov::preprocess::PrePostProcessor steps(model_);
        steps.input().tensor().set_element_type(ov::element::f32);
        steps.output().tensor().set_element_type(ov::element::f32);
        model_ = steps.build();
    }

    std::mutex lock_;
    std::shared_ptr<ov::Model> model_;  ///< of a lazy network nothing, until it is built
    std::string file_;
    LazyGraph lazy_ = {};
    std::future<void> preloading_ = {};  ///< waits at the end
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
        return openvino_core().read_model(file);
    } catch (const std::exception& e) {
        throw Error(ErrorCode::CorruptFile, kArea, fmt::format("cannot read the model: {}", reason_in(e.what())),
                    {.file = file.string()});
    }
}

std::unique_ptr<LoadedNetwork> load_openvino(const std::filesystem::path& file) {
    return std::make_unique<OpenVinoLoaded>(read_openvino(file), file.string());
}

std::unique_ptr<LoadedNetwork> load_openvino(std::shared_ptr<ov::Model> model, const std::string& file) {
    return std::make_unique<OpenVinoLoaded>(std::move(model), file);
}

std::unique_ptr<LoadedNetwork> load_openvino(const graph::Graph& graph) {
    return std::make_unique<OpenVinoLoaded>(writers::openvino::lower(graph), "");
}

std::unique_ptr<LoadedNetwork> load_openvino(LazyGraph graph) {
    return std::make_unique<OpenVinoLoaded>(std::move(graph));
}

}  // namespace yolovino::runtime
