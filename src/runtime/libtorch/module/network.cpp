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
#include "runtime/libtorch/module/idle_threads.hpp"

namespace yolovino::runtime::torch_module {

namespace {

class TorchSession final : public Session {
public:
    TorchSession(const Forward& forward, const std::string& file) : forward_(forward), file_(file) {}

    std::span<float> input(const InputShape& shape) override {
        const c10::InferenceMode inference;
        const std::array<std::int64_t, 4> sides = {shape.batch, 3, shape.size.height, shape.size.width};
        if (!input_.defined() || input_.sizes() != at::IntArrayRef(sides)) input_ = at::zeros(sides, at::kFloat);
        return {input_.data_ptr<float>(), static_cast<std::size_t>(input_.numel())};
    }

    RawOutput infer() override {
        const c10::InferenceMode inference;
        try {
            output_ = forward_(input_);
            if (output_.dim() == 3) output_ = output_.to(at::kFloat).contiguous();
        } catch (const Error&) {
            throw;
        } catch (const std::exception& e) {
            throw Error(
                ErrorCode::RuntimeFailure, kArea,
                fmt::format("inference failed for the input [{}]: {}", fmt::join(input_.sizes(), ", "), reason_of(e)),
                {.file = file_});
        }
        if (output_.dim() != 3) {
            throw Error(
                ErrorCode::ShapeMismatch, kArea,
                fmt::format("the output is [{}], wanted [N, 4 + classes, anchors]", fmt::join(output_.sizes(), ", ")),
                {.file = file_}, "this is not a YOLOv8 detection network");
        }
        const auto side = [&](std::int64_t i) { return static_cast<std::size_t>(output_.size(i)); };
        return {{output_.data_ptr<float>(), static_cast<std::size_t>(output_.numel())}, side(0), side(1), side(2)};
    }

private:
    const Forward& forward_;
    const std::string& file_;
    at::Tensor input_;
    at::Tensor output_;
};

class TorchCompiled final : public CompiledNetwork, public std::enable_shared_from_this<TorchCompiled> {
public:
    TorchCompiled(Forward forward, std::string file, std::string how)
        : forward_(std::move(forward)), file_(std::move(file)), how_(std::move(how)) {}

    std::unique_ptr<Session> new_session() override { return std::make_unique<Owner>(shared_from_this()); }
    std::string describe() override {
        return fmt::format("LibTorch {} ({}) on CPU in f32 with {} threads", TORCH_VERSION, how_,
                           at::get_num_threads());
    }

private:
    /// A session that keeps the network alive.
    struct Owner final : Session {
        explicit Owner(std::shared_ptr<TorchCompiled> network)
            : network_(std::move(network)), session_(network_->forward_, network_->file_) {}
        std::span<float> input(const InputShape& shape) override { return session_.input(shape); }
        RawOutput infer() override { return session_.infer(); }

        std::shared_ptr<TorchCompiled> network_;
        TorchSession session_;
    };

    Forward forward_;
    std::string file_;
    std::string how_;
};

class TorchLoaded final : public LoadedNetwork {
public:
    TorchLoaded(std::shared_ptr<TorchCompiled> compiled, const DeclaredShape& declared, int classes)
        : compiled_(std::move(compiled)), declared_(declared), classes_(classes) {}

    bool dynamic() const override { return declared_.dynamic; }
    InputShape shape() const override { return declared_.dynamic ? InputShape{0, {}} : declared_.shape; }
    int classes() const override { return classes_; }
    std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs& args, const InputShape&) override {
        expect_cpu_f32("LibTorch", kArea, args);
        return compiled_;
    }

private:
    std::shared_ptr<TorchCompiled> compiled_;
    DeclaredShape declared_;
    int classes_;
};

}  // namespace

std::unique_ptr<LoadedNetwork> make_network(Forward forward, const DeclaredShape& declared, int classes,
                                            std::string file, std::string how) {
    return std::make_unique<TorchLoaded>(
        std::make_shared<TorchCompiled>(std::move(forward), std::move(file), std::move(how)), declared, classes);
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

namespace {

class Module final : public LibTorch {
public:
    Module() {
        at::set_num_threads(core_count());
        keep_idle_threads_calm();
    }

    std::string version() override { return TORCH_VERSION; }

    std::unique_ptr<LoadedNetwork> load(const std::filesystem::path& file, const DeclaredShape& declared) override {
        return make_network(open_script(file), declared, 0, file.string(), "TorchScript");
    }

    std::unique_ptr<LoadedNetwork> build(std::shared_ptr<const graph::Graph> graph) override {
        const graph::Shape& out = graph->nodes().back().outputs.front();
        const int classes = out.at(1) == graph::kDynamic ? 0 : static_cast<int>(out[1]) - 4;
        return make_network(open_graph(std::move(graph)), {.dynamic = true, .shape = {}}, classes, {}, "eager");
    }
};

}  // namespace

}  // namespace yolovino::runtime::torch_module

extern "C" __attribute__((visibility("default"))) yolovino::runtime::LibTorch* yolovino_libtorch() {
    // Never destroyed: LibTorch's own statics die in an order that is not ours.
    static auto* const module = new yolovino::runtime::torch_module::Module;
    return module;
}
