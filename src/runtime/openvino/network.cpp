#include <algorithm>
#include <fmt/format.h>
#include <openvino/openvino.hpp>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "runtime/calibration.hpp"
#include "runtime/import.hpp"
#include "runtime/openvino/device.hpp"
#include "runtime/openvino/precisions.hpp"
#include "runtime/session.hpp"
#include "runtime/signature.hpp"
#include "writers/openvino/lowering.hpp"
#include "writers/openvino/reason.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "openvino";

using writers::openvino::reason_in;
using writers::openvino::tells_of_memory;

/// Runs `body`; what OpenVINO throws becomes an Error that says it in plain words.
template <typename Body>
decltype(auto) translate(ErrorCode code, std::string_view what, Body&& body) {
    try {
        return body();
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        if (tells_of_memory(e.what()))
            throw Error(ErrorCode::LimitExceeded, kArea, "the memory does not suffice for the network", {},
                        "use a smaller imgsz or batch, or free memory");
        throw Error(code, kArea, fmt::format("{}: {}", what, reason_in(e.what())));
    }
}

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

class OpenVinoSession final : public Session {
public:
    explicit OpenVinoSession(ov::CompiledModel& model) : request_(model.create_infer_request()) {}

    std::span<float> input(const InputShape& shape) override {
        const ov::Shape wanted = {static_cast<std::size_t>(shape.batch), 3, static_cast<std::size_t>(shape.size.height),
                                  static_cast<std::size_t>(shape.size.width)};
        return translate(ErrorCode::ShapeMismatch, "the network does not take this input", [&] {
            ov::Tensor tensor = request_.get_input_tensor();
            if (tensor.get_shape() != wanted) tensor.set_shape(wanted);
            return std::span<float>(tensor.data<float>(), tensor.get_size());
        });
    }

    RawOutput infer() override {
        return translate(ErrorCode::RuntimeFailure, "inference failed", [&] {
            request_.infer();
            const ov::Tensor tensor = request_.get_output_tensor();
            const ov::Shape& shape = tensor.get_shape();
            return RawOutput{{tensor.data<const float>(), tensor.get_size()}, shape.at(0), shape.at(1), shape.at(2)};
        });
    }

private:
    ov::InferRequest request_;
};

class OpenVinoCompiled final : public CompiledNetwork {
public:
    explicit OpenVinoCompiled(ov::CompiledModel model) : model_(std::move(model)) {}

    std::unique_ptr<Session> new_session() override {
        return translate(ErrorCode::RuntimeFailure, "cannot create a request",
                         [&] { return std::make_unique<OpenVinoSession>(model_); });
    }

    std::string describe() override {
        std::string devices = "?";
        std::string precision = "?";
        try {
            devices.clear();
            for (const std::string& device : model_.get_property(ov::execution_devices)) {
                devices += (devices.empty() ? "" : ", ") + device;
            }
            precision = model_.get_property(ov::hint::inference_precision).to_string();
        } catch (const std::exception& e) {
            base::debug("the device does not tell its properties: {}", e.what());
        }
        return fmt::format("{} in {}", devices, precision);
    }

    std::vector<LayerPrecision> layers() override { return layers_of(model_); }

private:
    ov::CompiledModel model_;
};

class OpenVinoLoaded final : public LoadedNetwork {
public:
    OpenVinoLoaded(std::shared_ptr<ov::Model> model, std::string file)
        : model_(std::move(model)), file_(std::move(file)) {
        check();
        translate(ErrorCode::RuntimeFailure, "cannot convert the input", [&] { take_floats(); });
    }

    bool dynamic() const override { return model_->is_dynamic(); }

    InputShape shape() const override {
        const ov::PartialShape shape = model_->input().get_partial_shape();
        const auto side = [&](std::ptrdiff_t i) {
            return shape[i].is_static() ? static_cast<int>(shape[i].get_length()) : 0;
        };
        return {side(0), {side(2), side(3)}};
    }

    int classes() const override {
        const ov::Dimension rows = model_->output().get_partial_shape()[1];
        return rows.is_static() ? static_cast<int>(rows.get_length()) - 4 : 0;
    }

    std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape& fixed) override {
        const std::string device = openvino_device(args.device);
        ov::AnyMap config = {ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY)};
        if (args.precision == Precision::F32) config.insert(ov::hint::inference_precision(ov::element::f32));
        if (args.precision == Precision::Bf16) config.insert(ov::hint::inference_precision(ov::element::bf16));
        if (args.precision == Precision::F16) config.insert(ov::hint::inference_precision(ov::element::f16));
        if (!args.cache_dir.empty()) {
            expect_cache_folder(args.cache_dir);
            config.insert(ov::cache_dir(args.cache_dir));
        }
        return translate(ErrorCode::DeviceUnavailable, fmt::format("device {} does not take the network", device), [&] {
            std::shared_ptr<ov::Model> model = model_;
            if (fixed.batch > 0 && model->is_dynamic()) {
                model = model_->clone();
                model->reshape(ov::PartialShape{fixed.batch, 3, fixed.size.height, fixed.size.width});
            }
            return std::make_shared<OpenVinoCompiled>(openvino_core().compile_model(model, device, config));
        });
    }

private:
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

    std::shared_ptr<ov::Model> model_;
    std::string file_;
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
    std::error_code ignored;
    if (std::filesystem::is_regular_file(weights, ignored)) return;
    throw Error(ErrorCode::NotFound, kArea, fmt::format("the weights of {} are missing", xml.filename().string()),
                {.file = weights.string()}, "a model is the whole folder, .xml and .bin");
}

}  // namespace

void check_openvino(const RuntimeArgs& args) {
    if (!args.device.empty()) static_cast<void>(openvino_device(args.device));
    if (!args.cache_dir.empty()) expect_cache_folder(args.cache_dir);
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

}  // namespace yolovino::runtime
