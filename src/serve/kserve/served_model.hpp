#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "serve/generation.hpp"
#include "serve/kserve/datatype.hpp"
#include "serve/kserve/infer_answer.hpp"
#include "serve/kserve/infer_request.hpp"

namespace yolovino::serve {

/// Behind the name of a model: the one that takes encoded images and gives what was found.
inline constexpr std::string_view kBoxesSuffix = "_boxes";

/// An input or output as the metadata describe it; -1 for a dynamic dimension.
struct TensorInfo {
    std::string name;
    Datatype datatype = Datatype::Fp32;
    std::vector<std::int64_t> shape;
};

/// What an inference gave.
struct Inference {
    std::vector<InferOutput> outputs;
    std::uint64_t images = 0;
    std::vector<Results> results;  ///< of each image where objects were looked for, without the image itself
    double input_ms = 0;           ///< to make the network's input of the request's
    double infer_ms = 0;
    double output_ms = 0;  ///< to make the outputs of the network's
};

/// A model of the protocol: one side of a generation.
class ServedModel {
public:
    explicit ServedModel(std::shared_ptr<const Generation> generation) : generation_(std::move(generation)) {}
    ServedModel(const ServedModel&) = delete;
    ServedModel& operator=(const ServedModel&) = delete;
    virtual ~ServedModel() = default;

    const Generation& generation() const noexcept { return *generation_; }
    virtual std::string name() const = 0;
    virtual TensorInfo input() const = 0;
    virtual std::vector<TensorInfo> outputs() const = 0;
    /// What a request without JSON fills.
    virtual RawInput raw_input() const = 0;
    /// @throws Error InvalidArgument, ShapeMismatch, and what predictors throw
    virtual Inference run(const InferRequest& request) const = 0;

private:
    std::shared_ptr<const Generation> generation_;
};

}  // namespace yolovino::serve
