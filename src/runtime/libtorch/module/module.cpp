#include <ATen/Parallel.h>
#include <torch/version.h>
#include <variant>

#include "base/processors.hpp"
#include "runtime/libtorch/entry.hpp"
#include "runtime/libtorch/module/eager.hpp"
#include "runtime/libtorch/module/idle_threads.hpp"
#include "runtime/libtorch/module/network.hpp"
#include "runtime/libtorch/module/script.hpp"

namespace yolovino::runtime::torch_module {

namespace {

class Module final : public LibTorch {
public:
    Module() {
        at::set_num_threads(static_cast<int>(base::processor_count()));
        keep_idle_threads_calm();
    }

    std::string version() override { return TORCH_VERSION; }

    std::unique_ptr<LoadedNetwork> load(const std::filesystem::path& file, const DeclaredShape& declared) override {
        return make_network(open_script(file), {.input = declared, .signature = {}, .output_names = {}}, file.string(),
                            "TorchScript");
    }

    std::unique_ptr<LoadedNetwork> build(std::shared_ptr<const graph::Graph> graph) override {
        Declared declared{.input = {.dynamic = true, .shape = {}}, .signature = {}, .output_names = {}};
        for (const graph::Node& node : graph->nodes()) {
            const bool is_input = std::holds_alternative<graph::op::Input>(node.operation);
            const bool is_output = std::holds_alternative<graph::op::Output>(node.operation);
            const tensors::TensorSignature tensor{.type = "f32", .ranked = true, .dims = node.outputs.front()};
            if (is_input) declared.signature.inputs.push_back(tensor);
            if (!is_output) continue;
            declared.signature.outputs.push_back(tensor);
            declared.output_names.push_back(node.name);
        }
        return make_network(open_graph(std::move(graph)), std::move(declared), {}, "eager");
    }
};

}  // namespace

}  // namespace yolovino::runtime::torch_module

extern "C" __attribute__((visibility("default"))) yolovino::runtime::LibTorch* yolovino_libtorch() {
    // Never destroyed: LibTorch's own statics die in an order that is not ours.
    static auto* const module = new yolovino::runtime::torch_module::Module;
    return module;
}
