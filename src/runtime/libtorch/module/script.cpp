#include <c10/core/InferenceMode.h>
#include <fmt/format.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include "base/fail.hpp"
#include "runtime/libtorch/module/network.hpp"

namespace yolovino::runtime::torch_module {

Forward open_script(const std::filesystem::path& file) {
    try {
        torch::jit::Module module = torch::jit::load(file.string(), at::kCPU);
        module.eval();
        // Weights stored as 16-bit floats: LibTorch's CPU operators do not compute in them.
        module.to(at::kFloat);
        if (!module.find_method("forward"))
            throw Error(ErrorCode::UnsupportedFile, kArea, "the archive has no forward()", {.file = file.string()});
        auto shared = std::make_shared<torch::jit::Module>(std::move(module));
        return [shared, name = file.string()](const at::Tensor& images) {
            const c10::IValue result = shared->forward({images});
            if (result.isTensor()) return result.toTensor();
            throw Error(ErrorCode::ShapeMismatch, kArea,
                        fmt::format("the network gives a {}, wanted one tensor", result.tagKind()), {.file = name},
                        "this is not a YOLOv8 detection network");
        };
    } catch (const Error&) {
        throw;
    } catch (const std::exception& e) {
        throw Error(ErrorCode::CorruptFile, kArea, fmt::format("cannot read the model: {}", reason_of(e)),
                    {.file = file.string()});
    }
}

}  // namespace yolovino::runtime::torch_module
