#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "runtime/openvino/import/layer_ops.hpp"

namespace yolovino::runtime {

/// A tensor of a Keras model. What has four dimensions is kept as [N, C, H, W] (`planes`), though Keras counts its axes
/// as [N, H, W, C]; everything else is as Keras has it.
struct KerasValue {
    layers::Output out;
    bool planes = false;

    /// The place of an axis of Keras in `out`. @throws std::out_of_range
    std::int64_t axis(std::int64_t keras) const {
        const auto rank = static_cast<std::int64_t>(out.get_partial_shape().size());
        if (keras < -rank || keras >= rank)
            throw std::out_of_range("axis " + std::to_string(keras) + " of " + std::to_string(rank));
        const std::int64_t at = keras < 0 ? keras + rank : keras;
        constexpr std::int64_t kPlaces[] = {0, 2, 3, 1};
        return planes ? kPlaces[at] : at;
    }
    std::string text() const { return out.get_partial_shape().to_string(); }
};

/// As Keras sees it: channels last.
inline layers::Output native(const KerasValue& value) {
    return value.planes ? layers::transposed(value.out, {0, 2, 3, 1}) : value.out;
}

inline KerasValue from_native(const layers::Output& out) {
    const ov::PartialShape& shape = out.get_partial_shape();
    if (shape.rank().is_dynamic() || shape.size() != 4) return {out, false};
    return {layers::transposed(out, {0, 3, 1, 2}), true};
}

}  // namespace yolovino::runtime
