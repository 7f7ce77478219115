#include "serve/kserve/infer_request.hpp"

#include <fmt/format.h>
#include <limits>
#include <set>
#include <utility>

#include "base/fail.hpp"
#include "serve/kserve/binary_tensors.hpp"
#include "serve/kserve/infer_document.hpp"

namespace yolovino::serve {

namespace {

using nlohmann::json;

constexpr std::size_t kMaxTensors = 64;  // of a request, each way

[[noreturn]] void refuse(const std::string& what, std::string_view hint = {}) {
    throw Error(ErrorCode::InvalidArgument, "kserve", what, {}, hint);
}

std::string shown(const std::string& name) {
    return base::printable(name, 80);
}

json parameters_of(const json& object, const std::string& of) {
    const auto found = object.find("parameters");
    if (found == object.end() || found->is_null()) return json::object();
    if (!found->is_object()) refuse(of + ": parameters are no JSON object");
    return *found;
}

const std::string& text_of(const json& object, const char* key, const std::string& of) {
    const auto found = object.find(key);
    if (found == object.end()) refuse(fmt::format("{}: '{}' is missing", of, key));
    if (!found->is_string()) refuse(fmt::format("{}: '{}' is no string", of, key));
    return found->get_ref<const std::string&>();
}

bool truth_of(const json& parameters, const char* key, bool otherwise, const std::string& of) {
    const auto found = parameters.find(key);
    if (found == parameters.end()) return otherwise;
    if (!found->is_boolean()) refuse(fmt::format("{}: the parameter {} is neither true nor false", of, key));
    return found->get<bool>();
}

std::vector<std::int64_t> shape_of(const json& object, const std::string& of) {
    const auto found = object.find("shape");
    if (found == object.end()) refuse(of + ": 'shape' is missing");
    if (!found->is_array() || found->size() > 16) refuse(of + ": 'shape' is no list of up to 16 dimensions");
    std::vector<std::int64_t> shape;
    for (const json& dimension : *found) {
        const bool fits = dimension.is_number_unsigned() &&
                          dimension.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max();
        if (!fits)
            refuse(fmt::format("{}: the shape holds {}, wanted whole numbers from 0", of,
                               base::printable(dimension.dump(), 40)));
        shape.push_back(dimension.get<std::int64_t>());
    }
    return shape;
}

/// Bytes of the tensor behind the JSON; unset: its data are in the JSON.
std::optional<std::uint64_t> binary_size_of(const InferInput& input, const json& object, bool has_header,
                                            const std::string& of) {
    const auto found = input.parameters.find("binary_data_size");
    if (found == input.parameters.end()) return {};
    if (!found->is_number_unsigned()) refuse(of + ": binary_data_size is no whole number from 0");
    if (!has_header) refuse(of + ": binary_data_size without the header Inference-Header-Content-Length");
    if (object.contains("data")) refuse(of + ": has both data and binary_data_size");
    const auto size = found->get<std::uint64_t>();
    const std::size_t element = element_bytes(input.datatype);
    if (element != 0 && (size % element != 0 || size / element != input.count))
        refuse(fmt::format("{}: binary_data_size is {}, its shape and {} take {} elements of {} bytes", of, size,
                           name_of(input.datatype), input.count, element));
    return size;
}

void take_data(InferInput& input, const json& object, std::vector<InferData>& data, const std::string& of) {
    const auto found = object.find("data");
    if (found == object.end()) refuse(of + ": has no data", "give 'data', or binary_data_size among the parameters");
    if (input.datatype == Datatype::Fp16) refuse(of + ": FP16 has no form in JSON", "send it as a binary tensor");
    InferData& values = data[found->get<std::size_t>()];
    const bool is_text = input.datatype == Datatype::Bytes;
    const std::uint64_t count = is_text ? values.texts.size() : values.numbers.size();
    if (is_text ? !values.numbers.empty() : !values.texts.empty())
        refuse(fmt::format("{}: data of {} must be {}", of, name_of(input.datatype), is_text ? "strings" : "numbers"));
    if (count != input.count)
        refuse(fmt::format("{}: data holds {} values, its shape takes {}", of, count, input.count));
    input.numbers = std::move(values.numbers);
    input.texts = std::move(values.texts);
}

InferInput input_of(const json& object, std::vector<InferData>& data, BinaryReader& rest, bool has_header) {
    if (!object.is_object()) refuse("an input is no JSON object");
    InferInput input;
    input.name = text_of(object, "name", "an input");
    const std::string of = fmt::format("input '{}'", shown(input.name));
    input.parameters = parameters_of(object, of);
    const std::string& datatype = text_of(object, "datatype", of);
    const std::optional<Datatype> known = find_datatype(datatype);
    if (!known)
        refuse(fmt::format("{}: no datatype '{}'", of, base::printable(datatype, 40)),
               "BOOL, UINT8 to UINT64, INT8 to INT64, FP16, FP32, FP64, or BYTES");
    input.datatype = *known;
    input.shape = shape_of(object, of);
    const std::optional<std::uint64_t> count = element_count(input.shape);
    if (!count) refuse(of + ": the product of its shape does not fit 64 bits");
    input.count = *count;
    if (const auto size = binary_size_of(input, object, has_header, of)) {
        input.binary = rest.take(*size, input.name);
    } else {
        take_data(input, object, data, of);
    }
    return input;
}

std::vector<RequestedOutput> outputs_of(const json& list, bool binary) {
    if (!list.is_array() || list.size() > kMaxTensors)
        refuse(fmt::format("'outputs' is no list of up to {} outputs", kMaxTensors));
    std::vector<RequestedOutput> outputs;
    std::set<std::string> seen;
    for (const json& object : list) {
        if (!object.is_object()) refuse("an output is no JSON object");
        const std::string& name = text_of(object, "name", "an output");
        const std::string of = fmt::format("output '{}'", shown(name));
        if (!seen.insert(name).second) refuse(of + " is requested twice");
        const json parameters = parameters_of(object, of);
        if (parameters.contains("classification") && parameters["classification"] != 0)
            refuse(of + ": classification is not supported", "read the classes from the model's metadata");
        outputs.push_back({name, truth_of(parameters, "binary_data", binary, of)});
    }
    return outputs;
}

InferRequest raw_request(std::string_view body, const RawInput& expected) {
    InferInput input{
        .name = expected.name, .datatype = expected.datatype, .shape = expected.shape, .binary = body, .raw = true};
    if (input.datatype == Datatype::Bytes) {
        input.shape = {1};
        input.count = 1;
    } else {
        const std::uint64_t one = element_count(expected.shape).value_or(0) * element_bytes(expected.datatype);
        if (one == 0 || body.empty() || body.size() % one != 0)
            refuse(fmt::format("the raw body holds {} bytes, an image of '{}' takes {}", body.size(), input.name, one));
        input.shape.front() = static_cast<std::int64_t>(body.size() / one);
        input.count = body.size() / element_bytes(expected.datatype);
    }
    InferRequest request;
    request.inputs.push_back(std::move(input));
    request.binary_output = true;
    return request;
}

}  // namespace

InferRequest parse_infer_request(std::string_view body, const std::optional<std::string_view>& header_length,
                                 const RawInput& raw_input) {
    const DividedBody parts = divide_body(body, header_length);
    if (parts.raw) return raw_request(parts.rest, raw_input);
    InferDocument document = read_infer_document(parts.json);
    const json& tree = document.tree;
    if (!tree.is_object()) refuse("the request is no JSON object");

    InferRequest request;
    if (const auto id = tree.find("id"); id != tree.end() && !id->is_null()) {
        if (!id->is_string() || id->get_ref<const std::string&>().size() > 1024)
            refuse("'id' is no string of up to 1024 bytes");
        request.id = id->get<std::string>();
    }
    request.parameters = parameters_of(tree, "the request");
    request.binary_output = truth_of(request.parameters, "binary_data_output", false, "the request");

    const auto inputs = tree.find("inputs");
    if (inputs == tree.end()) refuse("'inputs' is missing");
    if (!inputs->is_array() || inputs->size() > kMaxTensors)
        refuse(fmt::format("'inputs' is no list of up to {} inputs", kMaxTensors));
    BinaryReader rest(parts.rest);
    std::set<std::string> seen;
    for (const json& object : *inputs) {
        request.inputs.push_back(input_of(object, document.data, rest, header_length.has_value()));
        if (!seen.insert(request.inputs.back().name).second)
            refuse(fmt::format("input '{}' is given twice", shown(request.inputs.back().name)));
    }
    rest.end();
    if (const auto outputs = tree.find("outputs"); outputs != tree.end() && !outputs->is_null())
        request.outputs = outputs_of(*outputs, request.binary_output);
    return request;
}

}  // namespace yolovino::serve
