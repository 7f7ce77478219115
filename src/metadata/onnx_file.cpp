#include "metadata/onnx_file.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "container/file_kind.hpp"
#include "metadata/protobuf_walker.hpp"

namespace yolovino::metadata {

using protobuf::Field;
using protobuf::Range;
using protobuf::Walker;

namespace {

constexpr std::size_t kMaxProperties = 1024;
constexpr std::size_t kMaxTensors = 4096;
constexpr std::size_t kMaxDims = 64;

// Field numbers of onnx.proto
namespace model {
constexpr std::uint64_t kGraph = 7;
constexpr std::uint64_t kProperty = 14;
}  // namespace model
namespace graph {
constexpr std::uint64_t kInput = 11;
constexpr std::uint64_t kOutput = 12;
}  // namespace graph

std::pair<std::string, std::string> read_property(Walker& walker, const Field& property) {
    std::pair<std::string, std::string> out;
    walker.each(property.bytes, [&](const Field& field) {
        if (field.number == 1) out.first = walker.text(field);
        if (field.number == 2) out.second = walker.text(field);
    });
    return out;
}

std::int64_t read_dim(Walker& walker, Range dimension) {
    std::int64_t dim = -1;
    walker.each(dimension, [&](const Field& field) {
        if (field.number == 1 && !field.has_bytes) dim = static_cast<std::int64_t>(field.value);
    });
    return std::max<std::int64_t>(dim, -1);
}

/// TypeProto.Tensor: 1 element type, 2 shape of dimensions (1).
void read_type(Walker& walker, Range type, OnnxTensor& tensor) {
    walker.each(type, [&](const Field& field) {
        if (field.number == 1 && !field.has_bytes) tensor.element_type = static_cast<std::int64_t>(field.value);
        if (field.number != 2 || !field.has_bytes) return;
        tensor.ranked = true;
        walker.each(field.bytes, [&](const Field& dimension) {
            if (dimension.number != 1 || !dimension.has_bytes) return;
            if (tensor.dims.size() >= kMaxDims) walker.limit("a tensor with too many dimensions");
            tensor.dims.push_back(read_dim(walker, dimension.bytes));
        });
    });
}

/// ValueInfoProto: 1 name, 2 type, whose field 1 is a tensor.
OnnxTensor read_tensor(Walker& walker, const Field& info) {
    OnnxTensor tensor;
    walker.each(info.bytes, [&](const Field& field) {
        if (field.number == 1) tensor.name = walker.text(field);
        if (field.number != 2 || !field.has_bytes) return;
        walker.each(field.bytes, [&](const Field& kind) {
            if (kind.number == 1 && kind.has_bytes) read_type(walker, kind.bytes, tensor);
        });
    });
    return tensor;
}

}  // namespace

OnnxFile read_onnx(const std::filesystem::path& path) {
    const base::RandomAccessFile file(path);
    const std::string_view kind = container::what_is(file);
    if (kind != "ONNX model" && kind != "file of an unknown kind") {
        throw Error(ErrorCode::UnsupportedFile, "onnx", fmt::format("{}, not an ONNX model", kind),
                    {.file = path.string()}, "give a file as written by export with format=onnx");
    }
    Walker walker(file, "onnx", "ONNX model");
    OnnxFile out;
    bool has_graph = false;
    const auto keep = [&](std::vector<OnnxTensor>& list, const Field& field) {
        if (!field.has_bytes) return;
        if (list.size() >= kMaxTensors) walker.limit("too many inputs or outputs");
        list.push_back(read_tensor(walker, field));
    };
    walker.each({0, file.size_bytes()}, [&](const Field& field) {
        if (!field.has_bytes) return;
        if (field.number == model::kProperty) {
            if (out.properties.size() >= kMaxProperties) walker.limit("too many properties");
            out.properties.push_back(read_property(walker, field));
        }
        if (field.number != model::kGraph) return;
        has_graph = true;
        walker.each(field.bytes, [&](const Field& part) {
            if (part.number == graph::kInput) keep(out.inputs, part);
            if (part.number == graph::kOutput) keep(out.outputs, part);
        });
    });
    if (!has_graph) walker.corrupt("there is no graph", 0);
    return out;
}

}  // namespace yolovino::metadata
