#include "metadata/tflite_file.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "container/file_kind.hpp"
#include "container/zip_reader.hpp"
#include "metadata/python_literal.hpp"
#include "metadata/syntax.hpp"

namespace yolovino::metadata {

namespace {

constexpr std::uint64_t kMaxTextBytes = 16ULL << 20;
constexpr std::string_view kEndOfArchive = "PK\x05\x06";

bool has_archive(const base::RandomAccessFile& file) {
    constexpr std::uint64_t kWindowBytes = 22 + 0xFFFF;  // the last record with the longest comment
    const std::uint64_t bytes = std::min(file.size_bytes(), kWindowBytes);
    const std::vector<std::byte> tail = file.read(file.size_bytes() - bytes, bytes);
    return base::as_text(tail).find(kEndOfArchive) != std::string_view::npos;
}

}  // namespace

std::optional<Value> read_tflite(const std::filesystem::path& path) {
    const base::RandomAccessFile file(path);
    if (const std::string_view kind = container::what_is(file); kind != "TensorFlow Lite model") {
        throw Error(ErrorCode::UnsupportedFile, "tflite", fmt::format("{}, not a TensorFlow Lite model", kind),
                    {.file = path.string()});
    }
    if (!has_archive(file)) return std::nullopt;
    const container::ZipReader zip(file, container::ZipReader::Kind::Appended);
    if (const container::ZipEntry* json = zip.find("metadata.json"))
        return parse_json(base::as_text(zip.read(*json, kMaxTextBytes)), path.string());
    if (zip.entries().empty()) return std::nullopt;
    const container::ZipEntry& first = zip.entries().front();
    return parse_python(base::as_text(zip.read(first, kMaxTextBytes)), first.name, path.string());
}

}  // namespace yolovino::metadata
