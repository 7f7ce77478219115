#include "engine/model/export_info.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <optional>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/model/class_names.hpp"
#include "engine/model/import_files.hpp"
#include "metadata/onnx_file.hpp"
#include "metadata/python_literal.hpp"
#include "metadata/syntax.hpp"
#include "metadata/torchscript_file.hpp"
#include "tensors/signature.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;
using metadata::Value;

namespace {

constexpr std::uint64_t kMaxMetadataBytes = 4U << 20U;
constexpr std::size_t kUnnamedClasses = 999;  // what Ultralytics assumes without metadata
constexpr std::size_t kMaxClasses = 65536;
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::int64_t kMaxDim = 1 << 20;
constexpr std::int64_t kMaxStride = 4096;
constexpr std::int64_t kMaxBatch = 1 << 16;
constexpr std::int64_t kMaxKeypoints = 4096;

/// Copies the tree into a ModelInfo and refuses what cannot be.
class Reader {
public:
    Reader(const Value& root, std::string file, ModelInfo& info) : root_(root), file_(std::move(file)), info_(info) {}

    void run() {
        if (root_.get<Value::Map>() == nullptr) corrupt("the top is not a mapping");
        info_.description = text("description");
        info_.version = text("version");
        info_.license = text("license");
        info_.date = text("date");
        if (present("task") != nullptr) info_.task = text("task");
        if (present("head") != nullptr) info_.head = text("head");
        info_.source_sha256 = text("source_sha256");
        if (const Value* stride = present("stride")) info_.strides = {number(*stride, "stride", kMaxStride)};
        if (const Value* batch = present("batch")) info_.batch = number(*batch, "batch", kMaxBatch);
        if (const Value* names = present("names")) read_names(*names);
        for (const std::string& name : info_.names) {
            if (name.size() > kMaxNameBytes)
                corrupt(fmt::format("a class name of {} bytes, at most {} are read", name.size(), kMaxNameBytes));
        }
        if (const Value* imgsz = present("imgsz")) read_imgsz(*imgsz);
        if (const Value* end2end = present("end2end")) info_.end2end = end2end->as_bool().value_or(false);
        if (const Value* args = present("args")) read_args(*args);
        if (const Value* shape = present("kpt_shape")) read_keypoint_shape(*shape);
        if (const Value* names = present("kpt_names")) read_keypoint_names(*names);
    }

private:
    [[noreturn]] void corrupt(const std::string& message) const {
        throw Error(ErrorCode::CorruptFile, "metadata", message, {.file = file_});
    }

    const Value* present(std::string_view key) const {
        const Value* value = root_.find(key);
        return value == nullptr || value->is_none() ? nullptr : value;
    }
    std::string text(std::string_view key) const {
        const Value* value = present(key);
        return value == nullptr ? std::string() : value->as_text();
    }

    int number(const Value& value, std::string_view key, std::int64_t highest) const {
        const std::optional<std::int64_t> got = value.as_int();
        if (!got || *got < 1 || *got > highest) {
            corrupt(fmt::format("'{}' is {}, wanted an integer from 1 to {}", key,
                                value.as_text().empty() ? "no number" : value.as_text(), highest));
        }
        return static_cast<int>(*got);
    }

    /// As Python's str() writes it.
    static std::string class_name(const Value& name) { return name.is_none() ? "None" : name.as_text(); }

    /// A list of names, or a mapping of every id from 0 to a name.
    void read_names(const Value& names) const {
        const auto expect_count = [&](std::size_t count) {
            if (count > kMaxClasses) corrupt(fmt::format("{} class names, at most {} are read", count, kMaxClasses));
        };
        if (const auto* list = names.get<Value::List>()) {
            expect_count(list->size());
            for (const Value& name : *list) info_.names.push_back(class_name(name));
            return;
        }
        const auto* map = names.get<Value::Map>();
        if (map == nullptr) corrupt("'names' is neither a list nor a mapping");
        expect_count(map->size());
        info_.names.resize(map->size());
        std::vector<bool> seen(map->size(), false);
        for (const auto& [id, name] : *map) {
            const std::optional<std::int64_t> index = id.as_int();
            const bool fits = index && *index >= 0 && static_cast<std::size_t>(*index) < seen.size() &&
                              !seen[static_cast<std::size_t>(*index)];
            if (!fits)
                corrupt(fmt::format("class id '{}' among {} names, wanted each of 0 to {}", id.as_text(), map->size(),
                                    map->size() - 1));
            seen[static_cast<std::size_t>(*index)] = true;
            info_.names[static_cast<std::size_t>(*index)] = class_name(name);
        }
    }

    void read_imgsz(const Value& imgsz) const {
        const auto* dims = imgsz.get<Value::List>();
        if (dims == nullptr || dims->size() != 2) corrupt("'imgsz' is not a list of two");
        info_.imgsz = {number((*dims)[0], "imgsz", kMaxDim), number((*dims)[1], "imgsz", kMaxDim)};
    }

    void read_keypoint_shape(const Value& shape) const {
        const auto* dims = shape.get<Value::List>();
        if (dims == nullptr || dims->size() != 2) corrupt("'kpt_shape' is not a list of two");
        info_.kpt_shape = {number((*dims)[0], "kpt_shape", kMaxKeypoints), number((*dims)[1], "kpt_shape", 3)};
        if (info_.kpt_shape.dims < 2) corrupt("'kpt_shape' has 1 number for each keypoint, wanted 2 or 3");
    }

    /// A mapping from class ids to lists. They are only passed on: what does not fit is ignored.
    void read_keypoint_names(const Value& names) const {
        const auto* map = names.get<Value::Map>();
        if (map == nullptr || map->size() != info_.names.size()) return;
        std::vector<std::vector<std::string>> by_class(map->size());
        for (const auto& [id, list] : *map) {
            const std::optional<std::int64_t> index = id.as_int();
            const auto* items = list.get<Value::List>();
            if (!index || *index < 0 || static_cast<std::size_t>(*index) >= by_class.size() || items == nullptr) return;
            for (const Value& item : *items) by_class[static_cast<std::size_t>(*index)].push_back(class_name(item));
        }
        info_.kpt_names = std::move(by_class);
    }

    void read_args(const Value& args) const {
        const auto truth = [&](std::string_view key) {
            const Value* value = args.find(key);
            return value != nullptr && value->as_bool().value_or(false);
        };
        info_.end2end = info_.end2end || truth("nms");
        info_.dynamic = truth("dynamic");
        const Value* quantize = args.find("quantize");
        info_.int8 = truth("int8") || (quantize != nullptr && quantize->as_int() == 8);
        info_.half = truth("half") || (quantize != nullptr && quantize->as_int() == 16);
    }

    const Value& root_;
    std::string file_;
    ModelInfo& info_;
};

std::optional<Value> read_yaml_beside(const fs::path& xml, std::string& file) {
    file = (xml.parent_path() / "metadata.yaml").string();
    if (!fs::exists(file)) return std::nullopt;
    return metadata::parse_yaml(base::read_text_file(file, kMaxMetadataBytes), file);
}

/// Every property is text; those with structure are Python literals.
std::optional<Value> tree_of(const metadata::OnnxFile& onnx, const std::string& file) {
    if (onnx.properties.empty()) return std::nullopt;
    Value::Map map;
    for (const auto& [key, text] : onnx.properties) {
        const bool literal =
            key == "names" || key == "imgsz" || key == "args" || key == "kpt_shape" || key == "kpt_names";
        map.push_back({{key}, literal ? metadata::parse_python(text, key, file) : Value{text}});
    }
    return Value{std::move(map)};
}

tensors::Signature signature_of(const metadata::OnnxFile& onnx) {
    const auto convert = [](const std::vector<metadata::OnnxTensor>& tensors) {
        std::vector<tensors::TensorSignature> out;
        for (const metadata::OnnxTensor& tensor : tensors) {
            const std::string type = tensor.element_type == 1    ? "f32"
                                     : tensor.element_type == 10 ? "f16"
                                                                 : fmt::format("type {}", tensor.element_type);
            out.push_back({type, tensor.ranked, tensor.dims});
        }
        return out;
    };
    return {convert(onnx.inputs), convert(onnx.outputs)};
}

/// The graph's shape is more reliable than the properties. What is no network of images is left to the task's check.
void apply_signature(const tensors::Signature& signature, ModelInfo& info) {
    const std::string file = info.path.string();
    // No runtime here takes it, but an import transposes it.
    if (tensors::is_channels_last(signature)) {
        const graph::Shape& dims = signature.inputs.front().dims;
        const auto size = [&](std::size_t i) {
            return static_cast<int>(std::clamp<std::int64_t>(dims[i], 0, kMaxDim));
        };
        info.imgsz = {size(1), size(2)};
        info.batch = std::max(size(0), 1);
        return;
    }
    if (signature.inputs.size() != 1 || !tensors::is_image_batch(signature.inputs.front())) return;
    const graph::Shape& dims = signature.inputs.front().dims;
    info.dynamic = std::ranges::find(dims, graph::kDynamic) != dims.end();
    const bool sane = std::ranges::all_of(
        dims, [](std::int64_t dim) { return dim == graph::kDynamic || (dim >= 1 && dim <= kMaxDim); });
    if (!sane) {
        throw Error(ErrorCode::ShapeMismatch, "onnx",
                    fmt::format("the input is {}, wanted [N, 3, H, W]", graph::to_text(dims)), {.file = file});
    }
    if (!info.dynamic) {
        info.batch = static_cast<int>(dims[0]);
        info.imgsz = {static_cast<int>(dims[2]), static_cast<int>(dims[3])};
    }
}

void read_tree(const std::optional<Value>& tree, ModelFormat format, const std::string& file, ExportInfo& out) {
    ModelInfo& info = out.info;
    if (tree) {
        Reader(*tree, file, info).run();
        const auto has = [&](std::string_view key) {
            const Value* value = tree->find(key);
            return value != nullptr && !value->is_none();
        };
        out.has_task = has("task");
        out.has_head = has("head");
    }
    out.named = !info.names.empty();
    if (!out.named) {
        // Of imported files this is reported when the names are used: an export may be given others.
        if (!is_import_only(format)) {
            base::warn("no {} {}: classes are named class0, class1, …",
                       format == ModelFormat::OpenVino ? "metadata.yaml with names beside" : "metadata with names in",
                       base::printable(info.path.string()));
        }
        for (std::size_t i = 0; i < kUnnamedClasses; ++i) info.names.push_back(fmt::format("class{}", i));
    }
    if (out.signature) apply_signature(*out.signature, info);
    out.metadata_file = file;
}

}  // namespace

ExportInfo describe_export(const fs::path& path, ModelFormat format) {
    ExportInfo out;
    ModelInfo& info = out.info;
    info.path = path;
    info.name = path.stem().string();
    info.strides = {32};
    std::string file = path.string();
    std::optional<Value> tree;
    info.format = name_of(format);
    if (format == ModelFormat::Onnx) {
        const metadata::OnnxFile onnx = metadata::read_onnx(path);
        tree = tree_of(onnx, file);
        out.signature = signature_of(onnx);
    } else if (format == ModelFormat::TorchScript) {
        tree = metadata::read_torchscript(path);
    } else if (is_import_only(format)) {
        info.name = import_stem(path);
        tree = import_metadata(path, format, file);
    } else {
        tree = read_yaml_beside(path, file);
    }
    read_tree(tree, format, file, out);
    return out;
}

ExportInfo describe_metadata(const std::optional<Value>& tree, const fs::path& path, ModelFormat format,
                             tensors::Signature signature) {
    ExportInfo out;
    out.info.path = path;
    out.info.name = path.filename().string();
    out.info.format = name_of(format);
    out.info.strides = {32};
    out.signature = std::move(signature);
    read_tree(tree, format, path.string(), out);
    return out;
}

}  // namespace yolovino::engine
