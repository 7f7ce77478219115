#include "writers/torchscript/file.hpp"

#include <fmt/format.h>
#include <span>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/half.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "writers/torchscript/code.hpp"
#include "writers/torchscript/pickle_writer.hpp"
#include "writers/torchscript/zip_writer.hpp"

namespace yolovino::writers::torchscript {

namespace {

/// PyTorch believes the number of elements in the pickle and would read stray memory behind a shorter entry.
void check_size(const Attribute& attribute) {
    std::uint64_t count = 1;
    for (const std::int64_t dim : attribute.weights.shape) count *= static_cast<std::uint64_t>(dim);
    if (count == attribute.weights.data->size()) return;
    throw Error(ErrorCode::RuntimeFailure, "torchscript",
                fmt::format("a tensor of shape {} has {} values", graph::to_text(attribute.weights.shape),
                            attribute.weights.data->size()),
                {.module_path = attribute.name});
}

/// The folder within the archive: the file's stem, as PyTorch chooses it.
std::string folder_name(const std::filesystem::path& path) {
    const std::string stem = path.stem().string();
    return base::is_utf8(stem) && stem.find('\\') == std::string::npos ? stem : "model";
}

void write_archive(const Code& code, const Metadata& metadata, ZipWriter& zip) {
    zip.add("extra/config.txt", base::as_bytes(to_json(metadata)));

    PickleWriter module;
    module.begin_object("__torch__", kClassName).text("training").boolean(false);
    for (std::size_t i = 0; i < code.attributes.size(); ++i) {
        const Attribute& attribute = code.attributes[i];
        check_size(attribute);
        const std::string key = std::to_string(i);
        module.text(attribute.name)
            .tensor(key, metadata.half ? "HalfStorage" : "FloatStorage", attribute.weights.shape);
        const std::string entry = "data/" + key;
        if (metadata.half) {
            const std::vector<std::uint16_t> halves = base::to_halves(*attribute.weights.data);
            zip.add(entry, std::as_bytes(std::span(halves)));
        } else {
            zip.add(entry, std::as_bytes(std::span(*attribute.weights.data)));
        }
        base::emit_progress("Writing", i + 1, code.attributes.size());
    }
    zip.add("data.pkl", base::as_bytes(module.end_object().finish()));
    zip.add("code/__torch__.py", base::as_bytes(code.source));
    zip.add("constants.pkl", base::as_bytes(PickleWriter().empty_tuple().finish()));
    // Version 3 is what PyTorch writes where no operator has changed its meaning since.
    zip.add("version", base::as_bytes("3\n"));
    zip.add("byteorder", base::as_bytes("little"));
    zip.finish();
}

}  // namespace

void write_file(const graph::Graph& graph, const Metadata& metadata, const std::filesystem::path& path) {
    const Code code = write_code(graph, metadata.half);
    base::PendingPath pending(path, base::PendingPath::Kind::File);
    try {
        ZipWriter zip(pending.path(), folder_name(path));
        write_archive(code, metadata, zip);
    } catch (const Error& error) {
        throw pending.named(error, "torchscript");
    }
    pending.commit();
}

}  // namespace yolovino::writers::torchscript
