#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace yolovino::serve {

/// What a list of data holds. Nested lists are joined.
struct InferData {
    std::vector<float> numbers;
    std::vector<std::string> texts;
};

/// The JSON of a request to infer, without the data: a tree would take 16 bytes for each of a million numbers.
struct InferDocument {
    nlohmann::json tree;          ///< `inputs[i].data` is an index into `data`
    std::vector<InferData> data;  ///< in the order of the text
};

/// @throws Error InvalidArgument, LimitExceeded
InferDocument read_infer_document(std::string_view json);

}  // namespace yolovino::serve
