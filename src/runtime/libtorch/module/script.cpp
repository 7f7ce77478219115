#include "runtime/libtorch/module/script.hpp"

#include <algorithm>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <string_view>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include "base/fail.hpp"
#include "runtime/libtorch/module/rows.hpp"

namespace yolovino::runtime::torch_module {

namespace {

torch::jit::Module load(const std::filesystem::path& file) {
    try {
        return torch::jit::load(file.string(), at::kCPU);
    } catch (const std::exception& e) {
        if (std::string_view(e.what()).find("torchvision::nms") == std::string_view::npos) throw;
    }
    provide_torchvision_nms();
    return torch::jit::load(file.string(), at::kCPU);
}

}  // namespace

Forward open_script(const std::filesystem::path& file) {
    try {
        torch::jit::Module module = load(file);
        module.eval();
        // Weights stored as 16-bit floats: LibTorch's CPU operators do not compute in them.
        module.to(at::kFloat);
        if (!module.find_method("forward"))
            throw Error(ErrorCode::UnsupportedFile, kArea, "the archive has no forward()", {.file = file.string()});
        auto shared = std::make_shared<torch::jit::Module>(std::move(module));
        return [shared, name = file.string()](const at::Tensor& images, std::vector<at::Tensor>& outputs) {
            const c10::IValue result = shared->forward({images});
            outputs.clear();
            if (result.isTensor()) return outputs.push_back(result.toTensor());
            if (result.isTuple()) {
                const auto& elements = result.toTupleRef().elements();
                const auto is_tensor = [](const c10::IValue& element) { return element.isTensor(); };
                if (!elements.empty() && std::all_of(elements.begin(), elements.end(), is_tensor)) {
                    for (const c10::IValue& element : elements) outputs.push_back(element.toTensor());
                    return;
                }
            }
            throw Error(ErrorCode::ShapeMismatch, kArea,
                        fmt::format("the network gives a {}, wanted tensors", result.tagKind()), {.file = name},
                        "export the checkpoint with format=torchscript");
        };
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        throw Error(ErrorCode::CorruptFile, kArea, fmt::format("cannot read the model: {}", reason_of(e)),
                    {.file = file.string()});
    }
}

}  // namespace yolovino::runtime::torch_module
