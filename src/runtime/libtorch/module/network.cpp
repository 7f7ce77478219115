#include "runtime/libtorch/module/network.hpp"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <array>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <string_view>
#include <torch/version.h>

#include "base/fail.hpp"
#include "runtime/cpu_only.hpp"

namespace yolovino::runtime::torch_module {

namespace {

class TorchSession final : public Session {
public:
    TorchSession(const Forward& forward, const std::vector<std::string>& names, const std::string& file)
        : forward_(forward), names_(names), file_(file) {}

    std::span<float> input(const InputShape& shape) override {
        const c10::InferenceMode inference;
        const std::array<std::int64_t, 4> dims = {shape.batch, 3, shape.size.height, shape.size.width};
        if (!input_.defined() || input_.sizes() != at::IntArrayRef(dims)) input_ = at::zeros(dims, at::kFloat);
        return {input_.data_ptr<float>(), static_cast<std::size_t>(input_.numel())};
    }

    const tensors::Outputs& infer() override {
        const c10::InferenceMode inference;
        try {
            forward_(input_, results_);
            for (at::Tensor& result : results_) result = result.to(at::kFloat).contiguous();
        } catch (const Error&) {
            throw;
        } catch (const std::exception& e) {
            throw Error(
                ErrorCode::RuntimeFailure, kArea,
                fmt::format("inference failed for the input [{}]: {}", fmt::join(input_.sizes(), ", "), reason_of(e)),
                {.file = file_});
        }
        outputs_.tensors.resize(results_.size());
        for (std::size_t i = 0; i < results_.size(); ++i) {
            tensors::OutputTensor& tensor = outputs_.tensors[i];
            tensor.name = name_of(i);
            tensor.shape.assign(results_[i].sizes().begin(), results_[i].sizes().end());
            tensor.data = {results_[i].data_ptr<float>(), static_cast<std::size_t>(results_[i].numel())};
        }
        return outputs_;
    }

private:
    std::string name_of(std::size_t index) const {
        return index < names_.size() ? names_[index] : fmt::format("output{}", index);
    }

    const Forward& forward_;
    const std::vector<std::string>& names_;
    const std::string& file_;
    at::Tensor input_;
    std::vector<at::Tensor> results_;
    tensors::Outputs outputs_;
};

class TorchCompiled final : public CompiledNetwork, public std::enable_shared_from_this<TorchCompiled> {
public:
    TorchCompiled(Forward forward, std::vector<std::string> names, std::string file, std::string how)
        : forward_(std::move(forward)), names_(std::move(names)), file_(std::move(file)), how_(std::move(how)) {}

    std::unique_ptr<Session> new_session() override { return std::make_unique<Owner>(shared_from_this()); }
    std::string describe() override {
        return fmt::format("LibTorch {} ({}) on CPU in f32 with {} threads", TORCH_VERSION, how_,
                           at::get_num_threads());
    }

private:
    /// A session that keeps the network alive.
    struct Owner final : Session {
        explicit Owner(std::shared_ptr<TorchCompiled> network)
            : network_(std::move(network)), session_(network_->forward_, network_->names_, network_->file_) {}
        std::span<float> input(const InputShape& shape) override { return session_.input(shape); }
        const tensors::Outputs& infer() override { return session_.infer(); }

        std::shared_ptr<TorchCompiled> network_;
        TorchSession session_;
    };

    Forward forward_;
    std::vector<std::string> names_;
    std::string file_;
    std::string how_;
};

class TorchLoaded final : public LoadedNetwork {
public:
    TorchLoaded(std::shared_ptr<TorchCompiled> compiled, const DeclaredShape& declared, tensors::Signature signature)
        : compiled_(std::move(compiled)), declared_(declared), signature_(std::move(signature)) {}

    bool dynamic() const override { return declared_.dynamic; }
    InputShape shape() const override { return declared_.dynamic ? InputShape{0, {}} : declared_.shape; }
    tensors::Signature signature() const override { return signature_; }
    std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape&) override {
        expect_cpu_f32("LibTorch", kArea, args);
        return compiled_;
    }

private:
    std::shared_ptr<TorchCompiled> compiled_;
    DeclaredShape declared_;
    tensors::Signature signature_;
};

}  // namespace

std::unique_ptr<LoadedNetwork> make_network(Forward forward, Declared declared, std::string file, std::string how) {
    auto compiled = std::make_shared<TorchCompiled>(std::move(forward), std::move(declared.output_names),
                                                    std::move(file), std::move(how));
    return std::make_unique<TorchLoaded>(std::move(compiled), declared.input, std::move(declared.signature));
}

std::string reason_of(const std::exception& error) {
    constexpr std::size_t kMaxReason = 400;
    const auto* torch = dynamic_cast<const c10::Error*>(&error);
    std::string_view text = torch != nullptr ? torch->what_without_backtrace() : error.what();
    // The interpreter prints the stack of the script first; its last line is the reason.
    if (const std::size_t at = text.rfind("RuntimeError: "); at != std::string_view::npos) text = text.substr(at);
    text = text.substr(0, text.find('\n'));
    return std::string(text.substr(0, kMaxReason));
}

}  // namespace yolovino::runtime::torch_module
