#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.hpp"
#include "runtime/remote/place.hpp"
#include "tensors/signature.hpp"

/// The texts of the Open Inference Protocol (KServe v2), without sockets.
namespace yolovino::runtime {

/// What a server says of a model.
struct RemoteDescription {
    tensors::Signature signature;
    std::string platform;  ///< `yolovino`
    std::string input_name;
    std::vector<std::string> output_names;
    std::vector<std::string> labels;  ///< of `rt_info.model_info`; empty: it says none
};

/// @param text the answer to `GET /v2/models/NAME`
/// @param url for messages
/// @throws Error NetworkFailure for what is no such answer, LimitExceeded
RemoteDescription read_description(std::string_view text, const std::string& url);

/// `parameters.metadata.string_value` of `GET /v2/models/NAME/config`, a literal of Python; nothing if there is none.
std::optional<std::string> read_config_metadata(std::string_view text, const std::string& url);

/// The text of an error answer; of others the beginning.
std::string read_error(std::string_view text);

/// A request to infer.
struct RemoteRequest {
    std::size_t json_bytes = 0;
    std::string body;
};

/// How values are sent.
enum class RemoteType { Fp32, Fp16, Uint8 };

/// Whether each value is one of 256 quotients k / 255, as images give them: they can be sent as bytes.
bool are_pixels(std::span<const float> values) noexcept;

/// @param shape `[n, 3, height, width]`
/// @param values as many; for Uint8 are_pixels() holds
RemoteRequest write_request(const RemoteDescription& model, RemoteType type, const graph::Shape& shape,
                            std::span<const float> values);

/// One output of an answer. `data` is what the memory of `values` holds.
struct RemoteOutput {
    graph::Shape shape;
    std::vector<float> values;
};

/// The outputs of an answer in the order of `names`, binary or JSON, FP32 or FP16.
/// @throws Error NetworkFailure for what is no such answer, LimitExceeded
std::vector<RemoteOutput> read_answer(const RemoteAnswer& answer, std::span<const std::string> names,
                                      const std::string& url);

}  // namespace yolovino::runtime
