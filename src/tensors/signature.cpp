#include "tensors/signature.hpp"

#include <cstdint>
#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::tensors {

namespace {

bool may_be(std::int64_t dim, std::int64_t wanted) {
    return dim == wanted || dim == graph::kDynamic;
}

}  // namespace

std::string to_text(const TensorSignature& tensor) {
    return fmt::format("{} {}", tensor.type, tensor.ranked ? graph::to_text(tensor.dims) : "of any rank");
}

bool is_float(const TensorSignature& tensor) {
    return tensor.type == "f32" || tensor.type == "f16";
}

bool is_image_batch(const TensorSignature& tensor) {
    return is_float(tensor) && tensor.ranked && tensor.dims.size() == 4 && may_be(tensor.dims[1], 3);
}

bool is_channels_last(const Signature& signature) {
    if (signature.inputs.size() != 1) return false;
    const TensorSignature& in = signature.inputs.front();
    return is_float(in) && in.ranked && in.dims.size() == 4 && in.dims[3] == 3 && !may_be(in.dims[1], 3);
}

bool is_maps_first(const Signature& signature) {
    if (signature.outputs.size() != 2) return false;
    const TensorSignature& maps = signature.outputs.front();
    const TensorSignature& rows = signature.outputs.back();
    return maps.ranked && maps.dims.size() == 4 && rows.ranked && rows.dims.size() == 3;
}

void expect_image_network(const Signature& signature, std::string_view area, const std::string& file) {
    const auto fail = [&](const std::string& message) {
        throw Error(ErrorCode::ShapeMismatch, area, message, {.file = file});
    };
    if (signature.inputs.size() != 1)
        fail(fmt::format("the network has {} inputs, wanted one", signature.inputs.size()));
    if (!is_image_batch(signature.inputs.front()))
        fail(fmt::format("the input is {}, wanted f32 [N, 3, H, W]", to_text(signature.inputs.front())));
    for (const TensorSignature& output : signature.outputs) {
        if (!is_float(output)) fail(fmt::format("an output is {}, wanted f32", to_text(output)));
    }
}

}  // namespace yolovino::tensors
