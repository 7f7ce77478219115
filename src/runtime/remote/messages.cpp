#include "runtime/remote/messages.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/fail.hpp"
#include "base/half.hpp"
#include "documents/json.hpp"

namespace yolovino::runtime {

static_assert(std::endian::native == std::endian::little, "binary tensors are little-endian, as values in memory");

namespace {

using nlohmann::json;

constexpr const char* kArea = "server";
constexpr std::size_t kPixelValues = 256;

[[noreturn]] void refuse(const std::string& what, const std::string& url) {
    throw Error(ErrorCode::NetworkFailure, kArea, what, {.file = url}, "this is no server of KServe v2 models");
}

json parse(std::string_view text, const std::string& url) {
    try {
        return documents::parse_json(text, {kArea, url}, {.depth = 24, .values = 8'000'000});
    } catch (const Error& e) {
        if (e.code() != ErrorCode::CorruptFile) throw;
        refuse("the server's answer is no JSON: " + e.message(), url);
    }
}

/// An empty text for what is missing or no text.
std::string text_of(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& list_of(const json& object, const char* key, const std::string& url) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || found == object.end() || !found->is_array())
        refuse(fmt::format("the server's answer has no list '{}'", key), url);
    return *found;
}

graph::Shape shape_of(const json& tensor, const std::string& url) {
    graph::Shape shape;
    for (const json& dimension : list_of(tensor, "shape", url)) {
        const bool whole = dimension.is_number_integer();
        const std::int64_t size = whole ? dimension.get<std::int64_t>() : -2;
        if (size < -1 || size > std::numeric_limits<std::int32_t>::max() || shape.size() == 8)
            refuse("the server's answer has a shape that is none", url);
        shape.push_back(size < 0 ? graph::kDynamic : size);
    }
    return shape;
}

tensors::TensorSignature signature_of(const json& tensor, const std::string& url) {
    const std::string datatype = text_of(tensor, "datatype");
    const std::string type = datatype == "FP32" ? "f32" : datatype == "FP16" ? "f16" : datatype;
    return {.type = type, .ranked = true, .dims = shape_of(tensor, url)};
}

std::vector<std::string> words(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> all;
    for (std::string word; stream >> word;) all.push_back(word);
    return all;
}

template <typename Value>
void append(std::string& body, const std::vector<Value>& values) {
    const std::size_t before = body.size();
    body.resize(before + values.size() * sizeof(Value));
    std::memcpy(body.data() + before, values.data(), values.size() * sizeof(Value));
}

void append_values(std::string& body, RemoteType type, std::span<const float> values) {
    const std::size_t before = body.size();
    if (type == RemoteType::Fp32) {
        body.resize(before + values.size_bytes());
        std::memcpy(body.data() + before, values.data(), values.size_bytes());
    } else if (type == RemoteType::Fp16) {
        append(body, base::to_halves({values.begin(), values.end()}));
    } else {
        body.reserve(before + values.size());
        for (const float value : values) body += static_cast<char>(std::lround(value * 255.0F));
    }
}

std::string_view datatype_of(RemoteType type) {
    return type == RemoteType::Fp32 ? "FP32" : type == RemoteType::Fp16 ? "FP16" : "UINT8";
}

/// Values of a binary tensor.
std::vector<float> widened(std::string_view bytes, const std::string& datatype) {
    if (datatype == "FP32") {
        std::vector<float> values(bytes.size() / sizeof(float));
        std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
        return values;
    }
    std::vector<float> values(bytes.size() / sizeof(std::uint16_t));
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint16_t half = 0;
        std::memcpy(&half, bytes.data() + i * sizeof half, sizeof half);
        values[i] = base::from_half(half);
    }
    return values;
}

void flatten(const json& data, std::vector<float>& values, const std::string& url) {
    for (const json& each : data) {
        if (each.is_array()) {
            flatten(each, values, url);
        } else if (each.is_number()) {
            values.push_back(each.get<float>());
        } else {
            refuse("the server's answer holds data that are no numbers", url);
        }
    }
}

/// Takes the tensor's bytes from the front of `rest`.
RemoteOutput read_output(const json& tensor, std::string_view& rest, const std::string& url) {
    const std::string datatype = text_of(tensor, "datatype");
    const std::string name = base::printable(text_of(tensor, "name"), 80);
    RemoteOutput output{.shape = shape_of(tensor, url), .values = {}};
    const auto parameters = tensor.find("parameters");
    const bool binary =
        parameters != tensor.end() && parameters->is_object() && parameters->contains("binary_data_size");
    if (datatype != "FP32" && datatype != "FP16")
        refuse(fmt::format("output '{}' is {}, wanted FP32 or FP16", name, base::printable(datatype, 40)), url);
    if (binary) {
        const json& size = (*parameters)["binary_data_size"];
        const auto bytes = size.is_number_unsigned() ? size.get<std::uint64_t>() : rest.size() + 1;
        if (bytes > rest.size()) refuse(fmt::format("output '{}' is said to be longer than the answer", name), url);
        output.values = widened(rest.substr(0, bytes), datatype);
        rest.remove_prefix(bytes);
    } else {
        flatten(list_of(tensor, "data", url), output.values, url);
    }
    double count = 1;
    for (const std::int64_t dimension : output.shape) count *= static_cast<double>(dimension);
    if (std::ranges::find(output.shape, graph::kDynamic) != output.shape.end() ||
        count != static_cast<double>(output.values.size()))
        refuse(fmt::format("output '{}' has {} values, its shape is {}", name, output.values.size(),
                           graph::to_text(output.shape)),
               url);
    return output;
}

}  // namespace

RemoteDescription read_description(std::string_view text, const std::string& url) {
    const json root = parse(text, url);
    RemoteDescription out;
    out.platform = text_of(root, "platform");
    for (const json& each : list_of(root, "inputs", url)) {
        out.signature.inputs.push_back(signature_of(each, url));
        if (out.input_name.empty()) out.input_name = text_of(each, "name");
    }
    for (const json& each : list_of(root, "outputs", url)) {
        out.signature.outputs.push_back(signature_of(each, url));
        out.output_names.push_back(text_of(each, "name"));
    }
    if (out.signature.inputs.empty() || out.signature.outputs.empty())
        refuse("the server names no inputs or no outputs of the model", url);
    const json* info = &root;
    for (const char* key : {"rt_info", "model_info"}) {
        const auto found = info->is_object() ? info->find(key) : info->end();
        if (!info->is_object() || found == info->end()) return out;
        info = &*found;
    }
    out.labels = words(text_of(*info, "labels"));
    return out;
}

std::optional<std::string> read_config_metadata(std::string_view text, const std::string& url) {
    const json root = parse(text, url);
    const json* value = &root;
    for (const char* key : {"parameters", "metadata", "string_value"}) {
        const auto found = value->is_object() ? value->find(key) : value->end();
        if (!value->is_object() || found == value->end()) return {};
        value = &*found;
    }
    return value->is_string() ? std::optional(value->get<std::string>()) : std::nullopt;
}

std::string read_error(std::string_view text) {
    constexpr std::size_t kMostShown = 300;
    try {
        const std::string error =
            text_of(documents::parse_json(text, {kArea, {}}, {.depth = 8, .values = 100}), "error");
        if (!error.empty()) return base::printable(error, kMostShown);
    } catch (const Error&) {
        // The text itself, then.
    }
    return base::printable(text, kMostShown);
}

bool are_pixels(std::span<const float> values) noexcept {
    static const std::array<float, kPixelValues> kQuotients = [] {
        std::array<float, kPixelValues> all{};
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<float>(i) / 255.0F;
        return all;
    }();
    return std::ranges::all_of(values, [](float value) {
        return value >= 0 && value <= 1 && kQuotients[static_cast<std::size_t>(std::lround(value * 255.0F))] == value;
    });
}

RemoteRequest write_request(const RemoteDescription& model, RemoteType type, const graph::Shape& shape,
                            std::span<const float> values) {
    const std::size_t element = type == RemoteType::Fp32 ? 4 : type == RemoteType::Fp16 ? 2 : 1;
    json outputs = json::array();
    for (const std::string& name : model.output_names)
        outputs.push_back({{"name", name}, {"parameters", {{"binary_data", true}}}});
    const json head = {{"inputs", json::array({{{"name", model.input_name},
                                                {"shape", shape},
                                                {"datatype", datatype_of(type)},
                                                {"parameters", {{"binary_data_size", values.size() * element}}}}})},
                       {"outputs", std::move(outputs)}};
    RemoteRequest request;
    request.body = head.dump(-1, ' ', false, json::error_handler_t::replace);
    request.json_bytes = request.body.size();
    append_values(request.body, type, values);
    return request;
}

std::vector<RemoteOutput> read_answer(const RemoteAnswer& answer, std::span<const std::string> names,
                                      const std::string& url) {
    std::string_view text = answer.body;
    std::string_view rest;
    if (!answer.header_length.empty()) {
        std::uint64_t length = 0;
        const char* end = answer.header_length.data() + answer.header_length.size();
        const auto [stopped, error] = std::from_chars(answer.header_length.data(), end, length);
        if (error != std::errc() || stopped != end || length > text.size())
            refuse("the server's answer has a wrong Inference-Header-Content-Length", url);
        rest = text.substr(length);
        text = text.substr(0, length);
    }
    const json root = parse(text, url);
    std::vector<RemoteOutput> outputs(names.size());
    std::vector<bool> seen(names.size(), false);
    for (const json& tensor : list_of(root, "outputs", url)) {
        if (!tensor.is_object()) refuse("the server's answer holds an output that is none", url);
        RemoteOutput output = read_output(tensor, rest, url);
        const auto name = std::ranges::find(names, text_of(tensor, "name"));
        if (name == names.end()) continue;
        const auto index = static_cast<std::size_t>(name - names.begin());
        outputs[index] = std::move(output);
        seen[index] = true;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!seen[i])
            refuse(fmt::format("the server's answer lacks the output '{}'", base::printable(names[i], 80)), url);
    }
    return outputs;
}

}  // namespace yolovino::runtime
