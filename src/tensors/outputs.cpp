#include "tensors/outputs.hpp"

namespace yolovino::tensors {

std::string to_text(const Outputs& outputs) {
    std::string text;
    for (const OutputTensor& tensor : outputs.tensors)
        text += (text.empty() ? "" : " and ") + graph::to_text(tensor.shape);
    return text;
}

}  // namespace yolovino::tensors
