#include "serve/kserve/infer_answer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <iterator>

#include "base/fail.hpp"
#include "serve/kserve/binary_tensors.hpp"

namespace yolovino::serve {

static_assert(std::endian::native == std::endian::little, "binary tensors are little-endian, as values in memory");

namespace {

using nlohmann::ordered_json;

struct Part {
    const InferOutput* output = nullptr;
    bool binary = false;
};

const InferOutput& find_output(const std::vector<InferOutput>& outputs, const std::string& name) {
    const auto found = std::ranges::find(outputs, name, &InferOutput::name);
    if (found == outputs.end())
        throw Error(ErrorCode::InvalidArgument, "kserve", fmt::format("no output '{}'", base::printable(name, 80)));
    return *found;
}

std::vector<Part> chosen(const InferRequest& request, const std::vector<InferOutput>& outputs) {
    std::vector<Part> parts;
    if (request.outputs && !request.outputs->empty()) {
        for (const RequestedOutput& each : *request.outputs)
            parts.push_back({&find_output(outputs, each.name), each.binary});
    } else {
        for (const InferOutput& each : outputs) parts.push_back({&each, request.binary_output});
    }
    return parts;
}

template <typename Value>
void append_raw(std::string& out, const std::vector<Value>& values) {
    if (values.empty()) return;
    const std::size_t before = out.size();
    out.resize(before + values.size() * sizeof(Value));
    std::memcpy(out.data() + before, values.data(), values.size() * sizeof(Value));
}

std::string text(const ordered_json& value) {
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::size_t binary_bytes(const InferOutput& output) {
    if (const auto* texts = std::get_if<std::vector<std::string>>(&output.values)) {
        std::size_t bytes = 0;
        for (const std::string& each : *texts) bytes += sizeof(std::uint32_t) + each.size();
        return bytes;
    }
    return std::visit([](const auto& values) { return values.size(); }, output.values) *
           element_bytes(output.datatype());
}

void append_binary(std::string& body, const InferOutput& output) {
    if (const auto* texts = std::get_if<std::vector<std::string>>(&output.values)) {
        for (const std::string& each : *texts) append_bytes_element(body, each);
    } else if (const auto* floats = std::get_if<std::vector<float>>(&output.values)) {
        append_raw(body, *floats);
    } else {
        append_raw(body, std::get<std::vector<std::int32_t>>(output.values));
    }
}

void append_json(std::string& body, const InferOutput& output) {
    auto to = std::back_inserter(body);
    bool first = true;
    const auto comma = [&] {
        if (!first) body += ',';
        first = false;
    };
    if (const auto* texts = std::get_if<std::vector<std::string>>(&output.values)) {
        for (const std::string& each : *texts) {
            comma();
            body += text(each);
        }
    } else if (const auto* floats = std::get_if<std::vector<float>>(&output.values)) {
        for (const float each : *floats) {
            if (!std::isfinite(each))
                throw Error(ErrorCode::InvalidArgument, "kserve",
                            fmt::format("output '{}' holds a value that is no finite number", output.name), {},
                            "request it as a binary tensor");
            comma();
            to = fmt::format_to(to, "{}", each);
        }
    } else {
        for (const std::int32_t each : std::get<std::vector<std::int32_t>>(output.values)) {
            comma();
            to = fmt::format_to(to, "{}", each);
        }
    }
}

}  // namespace

Datatype InferOutput::datatype() const noexcept {
    if (std::holds_alternative<std::vector<float>>(values)) return Datatype::Fp32;
    return std::holds_alternative<std::vector<std::int32_t>>(values) ? Datatype::Int32 : Datatype::Bytes;
}

void check_requested_outputs(const InferRequest& request, const std::vector<std::string>& names) {
    if (!request.outputs) return;
    for (const RequestedOutput& each : *request.outputs) {
        if (std::ranges::find(names, each.name) == names.end())
            throw Error(ErrorCode::InvalidArgument, "kserve",
                        fmt::format("no output '{}', the model has: {}", base::printable(each.name, 80),
                                    fmt::join(names, ", ")));
    }
}

Response write_infer_answer(const InferRequest& request, const InferAnswerHead& head,
                            const std::vector<InferOutput>& outputs) {
    const std::vector<Part> parts = chosen(request, outputs);
    std::string body = "{\"model_name\":" + text(head.model_name) + ",\"model_version\":" + text(head.model_version);
    if (request.id) body += ",\"id\":" + text(*request.id);
    if (!head.parameters.empty()) body += ",\"parameters\":" + text(head.parameters);
    body += ",\"outputs\":[";
    std::size_t behind = 0;
    for (const Part& part : parts) {
        if (&part != &parts.front()) body += ',';
        body += fmt::format("{{\"name\":{},\"datatype\":\"{}\",\"shape\":[{}],", text(part.output->name),
                            name_of(part.output->datatype()), fmt::join(part.output->shape, ","));
        if (part.binary) {
            const std::size_t bytes = binary_bytes(*part.output);
            behind += bytes;
            body += fmt::format("\"parameters\":{{\"binary_data_size\":{}}}}}", bytes);
        } else {
            body += "\"data\":[";
            append_json(body, *part.output);
            body += "]}";
        }
    }
    body += "]}";
    Response response{.status = 200, .content_type = "application/json"};
    if (std::ranges::any_of(parts, &Part::binary)) {
        response.content_type = "application/octet-stream";
        response.headers.emplace_back("Inference-Header-Content-Length", std::to_string(body.size()));
        body.reserve(body.size() + behind);
        for (const Part& part : parts) {
            if (part.binary) append_binary(body, *part.output);
        }
    }
    response.body = std::move(body);
    return response;
}

}  // namespace yolovino::serve
