#include <fmt/format.h>
#include <openvino/openvino.hpp>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "runtime/openvino/device.hpp"
#include "runtime/session.hpp"
#include "writers/openvino/lowering.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "openvino";

std::string to_text(const ov::PartialShape& shape) {
    return shape.to_string();
}

class OpenVinoSession final : public Session {
public:
    explicit OpenVinoSession(ov::CompiledModel& model) : request_(model.create_infer_request()) {}

    std::span<float> input(const InputShape& shape) override {
        const ov::Shape wanted = {static_cast<std::size_t>(shape.batch), 3, static_cast<std::size_t>(shape.size.height),
                                  static_cast<std::size_t>(shape.size.width)};
        return base::translate(ErrorCode::ShapeMismatch, kArea, "the network does not take this input", [&] {
            ov::Tensor tensor = request_.get_input_tensor();
            if (tensor.get_shape() != wanted) tensor.set_shape(wanted);
            return std::span<float>(tensor.data<float>(), tensor.get_size());
        });
    }

    RawOutput infer() override {
        return base::translate(ErrorCode::RuntimeFailure, kArea, "inference failed", [&] {
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
        return base::translate(ErrorCode::RuntimeFailure, kArea, "cannot create a request",
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

private:
    ov::CompiledModel model_;
};

class OpenVinoLoaded final : public LoadedNetwork {
public:
    OpenVinoLoaded(std::shared_ptr<ov::Model> model, std::string file)
        : model_(std::move(model)), file_(std::move(file)) {
        check();
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
        if (!args.cache_dir.empty()) config.insert(ov::cache_dir(args.cache_dir));
        return base::translate(
            ErrorCode::DeviceUnavailable, kArea, fmt::format("device {} does not take the network", device), [&] {
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
        const auto fail = [&](const std::string& message) {
            throw Error(ErrorCode::ShapeMismatch, kArea, message, {.file = file_});
        };
        if (model_->inputs().size() != 1 || model_->outputs().size() != 1) {
            fail(fmt::format("the network has {} inputs and {} outputs, wanted one of each", model_->inputs().size(),
                             model_->outputs().size()));
        }
        const ov::PartialShape in = model_->input().get_partial_shape();
        const ov::PartialShape out = model_->output().get_partial_shape();
        const bool image = in.rank() == ov::Rank(4) && in[1] == ov::Dimension(3) &&
                           model_->input().get_element_type() == ov::element::f32;
        if (!image)
            fail(fmt::format("the input is {} {}, wanted f32 [N, 3, H, W]",
                             model_->input().get_element_type().to_string(), to_text(in)));
        const bool detections = out.rank() == ov::Rank(3) && (out[1].is_dynamic() || out[1].get_length() > 4) &&
                                model_->output().get_element_type() == ov::element::f32;
        if (!detections) {
            fail(fmt::format("the output is {} {}, wanted f32 [N, 4 + classes, anchors]",
                             model_->output().get_element_type().to_string(), to_text(out)));
        }
    }

    std::shared_ptr<ov::Model> model_;
    std::string file_;
};

}  // namespace

std::unique_ptr<LoadedNetwork> load_openvino(const std::filesystem::path& xml) {
    auto model = [&] {
        try {
            return openvino_core().read_model(xml);
        } catch (const std::exception& e) {
            throw Error(ErrorCode::CorruptFile, kArea, fmt::format("cannot read the model: {}", e.what()),
                        {.file = xml.string()});
        }
    }();
    return std::make_unique<OpenVinoLoaded>(std::move(model), xml.string());
}

std::unique_ptr<LoadedNetwork> load_openvino(const graph::Graph& graph) {
    return std::make_unique<OpenVinoLoaded>(writers::openvino::lower(graph), "");
}

}  // namespace yolovino::runtime
