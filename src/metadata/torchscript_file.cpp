#include "metadata/torchscript_file.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "container/file_kind.hpp"
#include "container/zip_reader.hpp"
#include "metadata/syntax.hpp"

namespace yolovino::metadata {

namespace {

constexpr std::uint64_t kMaxConfigBytes = 16ULL << 20;

}  // namespace

std::optional<Value> read_torchscript(const std::filesystem::path& path) {
    const base::RandomAccessFile file(path);
    if (const std::string_view kind = container::what_is(file); kind != "ZIP archive") {
        throw Error(ErrorCode::UnsupportedFile, "torchscript", fmt::format("{}, not a TorchScript archive", kind),
                    {.file = path.string()}, "give a file as written by export with format=torchscript");
    }
    const container::ZipReader zip(file, container::ZipReader::Kind::TorchScript);
    const container::ZipEntry* config = zip.find("extra/config.txt");
    if (config == nullptr) return std::nullopt;
    const std::vector<std::byte> text = zip.read(*config, kMaxConfigBytes);
    return parse_json(base::as_text(text), path.string());
}

}  // namespace yolovino::metadata
