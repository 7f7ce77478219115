#include "container/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/error.hpp"

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace yolovino::container {

using namespace std::string_view_literals;

namespace {

constexpr std::uint64_t kHeadBytes = 1024;
constexpr std::string_view kWantCheckpoint = "give a YOLOv8 checkpoint (.pt) as saved by Ultralytics";
// As kSaveAgain, for a pickle that torch.load would not take.
constexpr std::string_view kPackBarePickle =
    "if you trust it, save it again in Python: import pickle, torch; torch.save(pickle.load(open(FILE, 'rb')), FILE)";

struct Kind {
    std::string_view what;
    std::string_view hint = kWantCheckpoint;
};

struct Signature {
    std::size_t offset;
    std::string_view bytes;
    Kind kind;
};

constexpr std::array kSignatures{
    Signature{0,
              "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"sv,
              {"legacy torch.save file (before PyTorch 1.6)"}},
    Signature{0, "PYTORCH1"sv, {"preview PyTorch archive", kSaveAgain}},
    Signature{257, "ustar"sv, {"tar archive", kSaveAgain}},
    Signature{
        0, "version https://git-lfs"sv, {"Git-LFS pointer, not the file itself", "fetch the file with 'git lfs pull'"}},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, {"7z archive", "unpack it first"}},
    Signature{0, "\x1f\x8b"sv, {"gzip file", "unpack it first"}},
    Signature{0, "PK\x05\x06"sv, {"empty ZIP archive"}},
    Signature{0, "\x89PNG"sv, {"PNG image"}},
    Signature{0, "\xff\xd8\xff"sv, {"JPEG image"}},
    Signature{0, "\x89HDF"sv, {"HDF5 file"}},
    Signature{4, "TFL3"sv, {"TensorFlow Lite model"}},
    Signature{0, "\x80\x02"sv, {"bare pickle without the archive around it", kPackBarePickle}},
    Signature{0, "\x80\x03"sv, {"bare pickle without the archive around it", kPackBarePickle}},
    Signature{0, "\x80\x04"sv, {"bare pickle without the archive around it", kPackBarePickle}},
    Signature{0, "\x80\x05"sv, {"bare pickle without the archive around it", kPackBarePickle}},
};

bool is_safetensors(std::string_view head, std::uint64_t file_bytes) {
    base::ByteReader reader(base::as_bytes(head));
    const auto header_bytes = reader.read<std::uint64_t>();
    return header_bytes && head.size() > 8 && head[8] == '{' && *header_bytes < file_bytes;
}

bool is_onnx(std::string_view head) {
    // ModelProto begins with field 1 (ir_version), then usually a string field or the graph.
    return head.size() > 4 && head[0] == 0x08 && head[1] > 0 && head[1] < 32 &&
           (head[2] == 0x12 || head[2] == 0x1a || head[2] == 0x22 || head[2] == 0x32 || head[2] == 0x3a ||
            head[2] == 0x42);
}

std::optional<Kind> text_kind(std::string_view head) {
    // The head may end within a character.
    std::string_view checked = head;
    for (int cut = 0; cut < 3 && !base::is_utf8(checked) && !checked.empty(); ++cut) checked.remove_suffix(1);
    const auto is_text_byte = [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t' || c == '\f';
    };
    if (!base::is_utf8(checked) || !std::ranges::all_of(checked, is_text_byte)) return std::nullopt;
    std::string start = base::to_lower(checked);
    start.erase(0, start.starts_with("\xef\xbb\xbf") ? 3 : 0);
    start.erase(0, start.find_first_not_of(" \t\r\n"));
    if (start.starts_with("<!doctype") || start.starts_with("<html") || start.starts_with("<head")) {
        return Kind{"HTML page, not the file itself", "the download link led to a web page; download the file again"};
    }
    if (start.starts_with("<?xml")) return Kind{"XML file", "an OpenVINO model is opened by its folder or its .xml"};
    if (start.starts_with("{") || start.starts_with("["))
        return Kind{"JSON text",
                    "a model of Paddle is a .pdmodel with its .pdiparams beside it, or the folder of both"};
    const bool python = start.starts_with("#!") || start.starts_with("import ") || start.starts_with("from ") ||
                        start.find("\nimport ") != std::string::npos || start.find("\nfrom ") != std::string::npos ||
                        start.find("def ") != std::string::npos;
    return python ? Kind{"Python script or another program text"} : Kind{"text file"};
}

Kind kind_of(std::string_view head, std::uint64_t file_bytes) {
    for (const Signature& signature : kSignatures) {
        if (head.size() > signature.offset && head.substr(signature.offset).starts_with(signature.bytes))
            return signature.kind;
    }
    if (is_safetensors(head, file_bytes))
        return {"safetensors file", "it holds weights without the network; give the .pt checkpoint"};
    if (is_onnx(head)) return {"ONNX model", "give it a name that ends in .onnx"};
    if (const auto text = text_kind(head)) return *text;
    return {"file of an unknown kind"};
}

std::vector<std::byte> head_of(const base::RandomAccessFile& file) {
    return file.read(0, std::min(file.size_bytes(), kHeadBytes));
}

}  // namespace

std::string_view what_is(const base::RandomAccessFile& file) {
    if (file.size_bytes() == 0) return "empty file";
    const std::vector<std::byte> bytes = head_of(file);
    const std::string_view head = base::as_text(bytes);
    return head.starts_with("PK\x03\x04") ? "ZIP archive" : kind_of(head, file.size_bytes()).what;
}

void refuse_other_file(const base::RandomAccessFile& file) {
    if (file.size_bytes() == 0) {
        throw Error(ErrorCode::UnsupportedFile, "checkpoint", "empty file, not a checkpoint",
                    {.file = file.path().string()}, kWantCheckpoint);
    }
    const std::vector<std::byte> bytes = head_of(file);
    const std::string_view head = base::as_text(bytes);
    if (head.starts_with("PK\x03\x04")) return;
    const Kind kind = kind_of(head, file.size_bytes());
    throw Error(ErrorCode::UnsupportedFile, "checkpoint", fmt::format("{}, not a checkpoint", kind.what),
                {.file = file.path().string(), .offset_bytes = 0}, kind.hint);
}

void refuse_other_archive(const std::filesystem::path& path, std::string_view root,
                          std::span<const std::string_view> names) {
    const auto has = [&](std::string_view inner) {
        return std::ranges::find(names, fmt::format("{}/{}", root, inner)) != names.end();
    };
    const auto refuse = [&](std::string_view what, std::string_view hint) {
        throw Error(ErrorCode::UnsupportedFile, "checkpoint", what, {.file = path.string()}, hint);
    };
    if (has("constants.pkl") || has("bytecode.pkl")) {
        refuse("TorchScript archive, not a checkpoint",
               "give it a name that ends in .torchscript, or give the training checkpoint");
    }
    if (has(".data/extern_modules")) refuse("torch.package archive, not a checkpoint", kWantCheckpoint);
    if (has("archive_format") || (has("models/model.json") && !has("data.pkl"))) {
        refuse("torch.export archive (.pt2), not a checkpoint", kWantCheckpoint);
    }
    if (!has("data.pkl")) refuse("plain ZIP archive without data.pkl, not a checkpoint", kWantCheckpoint);
}

void refuse_unless_torchscript(const std::filesystem::path& path, std::string_view root,
                               std::span<const std::string_view> names) {
    const auto has = [&](std::string_view inner) {
        return std::ranges::find(names, fmt::format("{}/{}", root, inner)) != names.end();
    };
    if (has("data.pkl") && has("constants.pkl")) return;
    throw Error(ErrorCode::UnsupportedFile, "torchscript",
                has("data.pkl") ? "checkpoint, not a TorchScript archive" : "ZIP archive, not a TorchScript archive",
                {.file = path.string()}, "give a file as written by export with format=torchscript");
}

}  // namespace yolovino::container
