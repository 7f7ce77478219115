#include "metadata/graph_def_file.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "container/file_kind.hpp"
#include "metadata/protobuf_walker.hpp"

namespace yolovino::metadata {

using protobuf::Field;
using protobuf::Range;
using protobuf::Walker;

namespace {

constexpr const char* kArea = "tensorflow";

// Field numbers of graph.proto, node_def.proto, saved_model.proto, meta_graph.proto
constexpr std::uint64_t kNode = 1;
constexpr std::uint64_t kLastText = 4;  // name, op, input, device
constexpr std::uint64_t kAttribute = 5;
constexpr std::uint64_t kMetaGraph = 2;
constexpr std::uint64_t kGraphDef = 2;

void check_node(Walker& walker, const Field& node) {
    if (!node.has_bytes) walker.corrupt("a node is a number", node.bytes.begin);
    const auto expect_text = [&](const Field& field) {
        if (!base::is_utf8(walker.text(field))) walker.corrupt("a name is not UTF-8", field.bytes.begin);
    };
    walker.each(node.bytes, [&](const Field& field) {
        if (field.number <= kLastText) expect_text(field);
        if (field.number != kAttribute) return;
        if (!field.has_bytes) walker.corrupt("an attribute is a number", node.bytes.begin);
        walker.each(field.bytes, [&](const Field& part) {
            if (part.number == 1) expect_text(part);
        });
    });
}

std::size_t check_graph(Walker& walker, Range graph) {
    std::size_t nodes = 0;
    walker.each(graph, [&](const Field& field) {
        if (field.number != kNode) return;
        check_node(walker, field);
        ++nodes;
    });
    return nodes;
}

/// Whole files only; the kinds that have names are called by them.
template <typename Count>
void check(const std::filesystem::path& path, std::string_view kind, const Count& count) {
    const base::RandomAccessFile file(path);
    const auto refuse = [&](const std::string& message) {
        throw Error(ErrorCode::UnsupportedFile, kArea, message, {.file = path.string()});
    };
    if (const std::string_view is = container::what_is(file);
        is != "file of an unknown kind" && is != "ONNX model") {  // both begin alike
        refuse(fmt::format("{}, not a {}", is, kind));
    }
    Walker walker(file, kArea, kind);
    if (count(walker) == 0) refuse(fmt::format("no node, not a {}", kind));
}

}  // namespace

void check_graph_def(const std::filesystem::path& file) {
    check(file, "frozen TensorFlow graph", [](Walker& walker) { return check_graph(walker, walker.whole()); });
}

void check_saved_model(const std::filesystem::path& file) {
    check(file, "TensorFlow SavedModel", [](Walker& walker) {
        std::size_t nodes = 0;
        walker.each(walker.whole(), [&](const Field& top) {
            if (top.number != kMetaGraph || !top.has_bytes) return;
            walker.each(top.bytes, [&](const Field& part) {
                if (part.number == kGraphDef && part.has_bytes) nodes += check_graph(walker, part.bytes);
            });
        });
        return nodes;
    });
}

}  // namespace yolovino::metadata
