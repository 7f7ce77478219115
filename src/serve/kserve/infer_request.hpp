#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/kserve/datatype.hpp"

namespace yolovino::serve {

/// One input as the request gives it.
struct InferInput {
    std::string name;
    Datatype datatype = Datatype::Fp32;
    std::vector<std::int64_t> shape;
    std::uint64_t count = 0;  ///< product of `shape`
    nlohmann::json parameters = nlohmann::json::object();
    /// Little-endian, of `count` elements, part of the body; unset: `numbers` or `texts` holds them. Of a raw request
    /// with one element of BYTES, the element itself.
    std::optional<std::string_view> binary = {};
    bool raw = false;
    std::vector<float> numbers = {};      ///< from JSON; truth values as 0 and 1
    std::vector<std::string> texts = {};  ///< from JSON, of BYTES
};

struct RequestedOutput {
    std::string name;
    bool binary = false;
};

/// A request to infer.
struct InferRequest {
    std::optional<std::string> id;
    nlohmann::json parameters = nlohmann::json::object();
    std::vector<InferInput> inputs;
    std::optional<std::vector<RequestedOutput>> outputs;  ///< unset: all
    bool binary_output = false;                           ///< of outputs that say nothing themselves
};

/// The only input of a model, which a request without JSON fills.
struct RawInput {
    std::string name;
    Datatype datatype = Datatype::Fp32;
    std::vector<std::int64_t> shape;  ///< of one image; the first dimension follows from the size of the body
};

/// Reads a request to infer: JSON, lists of data flat or nested, and binary tensors behind it.
/// @param body must live as long as the request
/// @param header_length the value of Inference-Header-Content-Length
/// @throws Error InvalidArgument, LimitExceeded
InferRequest parse_infer_request(std::string_view body, const std::optional<std::string_view>& header_length,
                                 const RawInput& raw_input);

}  // namespace yolovino::serve
