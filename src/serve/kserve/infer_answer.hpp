#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>
#include <vector>

#include "serve/kserve/datatype.hpp"
#include "serve/kserve/infer_request.hpp"
#include "serve/message.hpp"

namespace yolovino::serve {

/// One output: FP32, INT32, or BYTES, as its values are.
struct InferOutput {
    std::string name;
    std::vector<std::int64_t> shape;
    std::variant<std::vector<float>, std::vector<std::int32_t>, std::vector<std::string>> values;

    Datatype datatype() const noexcept;
};

/// What an answer says besides its outputs.
struct InferAnswerHead {
    std::string model_name;
    std::string model_version;
    nlohmann::ordered_json parameters;
};

/// Whether each requested output is among `names`. @throws Error InvalidArgument for one that is not
void check_requested_outputs(const InferRequest& request, const std::vector<std::string>& names);

/// The outputs that the request names, in its order, else all; each as JSON or as a binary tensor.
/// @throws Error InvalidArgument for an unknown output, or one whose values JSON cannot hold
Response write_infer_answer(const InferRequest& request, const InferAnswerHead& head,
                            const std::vector<InferOutput>& outputs);

}  // namespace yolovino::serve
