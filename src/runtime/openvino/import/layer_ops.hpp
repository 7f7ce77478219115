#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/util/attr_types.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/error.hpp"

#include "imports/layers.hpp"

/// What the builders of Caffe's and Keras' layers share. Feature maps are [N, C, H, W].
namespace yolovino::runtime::layers {

using Output = ov::Output<ov::Node>;

/// A window over a feature map; rows before columns.
struct Window {
    std::array<std::int64_t, 2> kernel{1, 1};
    std::array<std::int64_t, 2> stride{1, 1};
    std::array<std::int64_t, 2> dilation{1, 1};
    std::array<std::int64_t, 2> begin{0, 0};
    std::array<std::int64_t, 2> end{0, 0};
    bool same = false;  ///< TensorFlow's padding "same" in place of begin and end
};

/// Stops at a layer: its name is the place, its type is in the message.
[[noreturn]] void refuse(const imports::LayerList& list, const imports::Layer& layer, ErrorCode code,
                         std::string_view message, std::string_view hint = {});

/// Gives what a layer was made of the layer's name, as far back as nothing has a name, so that messages and reports
/// speak of what is in the file.
void name_layer(const Output& made, const std::string& layer);
/// OpenVINO distinguishes nodes by name when it spreads them over devices.
void make_names_unique(const ov::Model& model);

std::shared_ptr<ov::op::v0::Constant> integers(const std::vector<std::int64_t>& values);
std::shared_ptr<ov::op::v0::Constant> integer(std::int64_t value);
Output floats(const std::vector<float>& values, const ov::Shape& shape);
Output number(float value);

/// Channels of a feature map. Nothing else is accepted. @throws std::exception with a reason
std::int64_t channels_of(const Output& map);

/// @param weight [out, in / groups, kh, kw]
Output convolution(const Output& map, const std::vector<float>& weight, std::int64_t out, std::int64_t groups,
                   const Window& window);
/// @param weight [in, out / groups, kh, kw]. Padding of TensorFlow's "same" gives dimensions × stride.
Output deconvolution(const Output& map, const std::vector<float>& weight, std::int64_t out, std::int64_t groups,
                     const Window& window);
/// Adds one value per channel.
Output biased(const Output& map, const std::vector<float>& bias);
/// Multiplies and shifts each channel; the factors of a convolution go into its weights.
Output scaled(const Output& map, const std::vector<float>& factor, const std::vector<float>& shift);

Output max_pool(const Output& map, const Window& window, bool ceil_mode);
/// @param count_padding whether the padding counts in the mean
Output average_pool(const Output& map, const Window& window, bool ceil_mode, bool count_padding);
/// Over height and width, which become 1.
Output global_pool(const Output& map, bool average);
Output upsample_nearest(const Output& map, float rows, float columns);
Output leaky(const Output& value, float slope);
Output transposed(const Output& value, const std::vector<std::int64_t>& order);

}  // namespace yolovino::runtime::layers
