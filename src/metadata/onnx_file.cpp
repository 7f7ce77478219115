#include "metadata/onnx_file.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "checkpoint/file_kind.hpp"

namespace yolovino::metadata {

namespace {

constexpr std::uint64_t kMaxFields = 1'000'000;
constexpr std::uint64_t kMaxTextBytes = 16ULL << 20;
constexpr std::uint64_t kWindowBytes = 4096;
constexpr std::size_t kMaxProperties = 1024;
constexpr std::size_t kMaxTensors = 4096;
constexpr std::size_t kMaxSides = 64;

// Field numbers of onnx.proto
namespace model {
constexpr std::uint64_t kGraph = 7;
constexpr std::uint64_t kProperty = 14;
}  // namespace model
namespace graph {
constexpr std::uint64_t kInput = 11;
constexpr std::uint64_t kOutput = 12;
}  // namespace graph

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// One field of a protobuf message: a number, or the place of its bytes.
struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;  ///< of a varint
    bool has_bytes = false;
    Range bytes;
};

/// Steps over the fields of messages in a file, whatever its size.
class Walker {
public:
    explicit Walker(const base::RandomAccessFile& file) : file_(file) {}

    template <typename Visit>
    void each(Range message, const Visit& visit) {
        std::uint64_t at = message.begin;
        while (at < message.end) visit(next(at, message.end));
    }

    std::string text(const Field& field) {
        if (!field.has_bytes) corrupt("a text field is a number", field.bytes.begin);
        const std::uint64_t count = field.bytes.end - field.bytes.begin;
        if (count > kMaxTextBytes) limit(fmt::format("a text of {} bytes", count));
        std::string out(static_cast<std::size_t>(count), '\0');
        file_.read(field.bytes.begin, std::as_writable_bytes(std::span(out)));
        return out;
    }

    [[noreturn]] void corrupt(std::string_view why, std::uint64_t offset) const {
        throw Error(ErrorCode::CorruptFile, "onnx", fmt::format("not a whole ONNX model: {}", why),
                    {.file = file_.path().string(), .offset_bytes = offset});
    }
    [[noreturn]] void limit(std::string_view what) const {
        throw Error(ErrorCode::LimitExceeded, "onnx", fmt::format("the file holds {}, more than is read", what),
                    {.file = file_.path().string()});
    }

private:
    Field next(std::uint64_t& at, std::uint64_t end) {
        if (++fields_ > kMaxFields) limit(fmt::format("over {} fields", kMaxFields));
        const std::uint64_t start = at;
        const std::uint64_t key = varint(at, end);
        Field field;
        field.number = key >> 3U;
        if (field.number == 0) corrupt("field number 0", start);
        std::uint64_t count = 0;
        switch (key & 7U) {
            case 0:
                field.value = varint(at, end);
                return field;
            case 1:
                count = 8;
                break;
            case 2:
                count = varint(at, end);
                break;
            case 5:
                count = 4;
                break;
            default:
                corrupt(fmt::format("wire type {}", key & 7U), start);
        }
        if (count > end - at) corrupt(fmt::format("a field of {} bytes reaches beyond the end", count), start);
        field.has_bytes = true;
        field.bytes = {at, at + count};
        at += count;
        return field;
    }

    std::uint64_t varint(std::uint64_t& at, std::uint64_t end) {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (at >= end) corrupt("the file is cut", at);
            const auto byte = static_cast<std::uint64_t>(byte_at(at++));
            value |= (byte & 0x7FU) << shift;
            if (byte < 0x80U) return value;
        }
        corrupt("a number of more than 64 bits", at);
    }

    std::byte byte_at(std::uint64_t offset) {
        if (offset < window_begin_ || offset >= window_begin_ + window_.size()) {
            window_ = file_.read(offset, std::min(kWindowBytes, file_.size_bytes() - offset));
            window_begin_ = offset;
        }
        return window_[static_cast<std::size_t>(offset - window_begin_)];
    }

    const base::RandomAccessFile& file_;
    std::vector<std::byte> window_;
    std::uint64_t window_begin_ = 0;
    std::uint64_t fields_ = 0;
};

std::pair<std::string, std::string> read_property(Walker& walker, const Field& property) {
    std::pair<std::string, std::string> out;
    walker.each(property.bytes, [&](const Field& field) {
        if (field.number == 1) out.first = walker.text(field);
        if (field.number == 2) out.second = walker.text(field);
    });
    return out;
}

std::int64_t read_side(Walker& walker, Range dimension) {
    std::int64_t side = -1;
    walker.each(dimension, [&](const Field& field) {
        if (field.number == 1 && !field.has_bytes) side = static_cast<std::int64_t>(field.value);
    });
    return std::max<std::int64_t>(side, -1);
}

/// TypeProto.Tensor: 1 element type, 2 shape of dimensions (1).
void read_type(Walker& walker, Range type, OnnxTensor& tensor) {
    walker.each(type, [&](const Field& field) {
        if (field.number == 1 && !field.has_bytes) tensor.element_type = static_cast<std::int64_t>(field.value);
        if (field.number != 2 || !field.has_bytes) return;
        tensor.ranked = true;
        walker.each(field.bytes, [&](const Field& dimension) {
            if (dimension.number != 1 || !dimension.has_bytes) return;
            if (tensor.sides.size() >= kMaxSides) walker.limit("a tensor of too many sides");
            tensor.sides.push_back(read_side(walker, dimension.bytes));
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
    const std::string_view kind = checkpoint::what_is(file);
    if (kind != "ONNX model" && kind != "file of an unknown kind") {
        throw Error(ErrorCode::UnsupportedFile, "onnx", fmt::format("{}, not an ONNX model", kind),
                    {.file = path.string()}, "give a file as written by export with format=onnx");
    }
    Walker walker(file);
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
