#include "yolovino/error.hpp"

#include "base/file.hpp"
#include "container/zip_reader.hpp"
#include "fuzz/input.hpp"

/// Entries that are accepted lie within the file, together take no more than it has, and read at their size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    using Kind = container::ZipReader::Kind;
    const fuzz::MemoryFile input(fuzz::text_of(data, size));
    for (const Kind kind : {Kind::Checkpoint, Kind::TorchScript}) {
        try {
            const base::RandomAccessFile file(input.path());
            const container::ZipReader zip(file, kind);
            std::uint64_t total = 0;
            for (const container::ZipEntry& entry : zip.entries()) {
                total += entry.stored_bytes;
                fuzz::expect(entry.data_offset + entry.stored_bytes <= size, "an entry lies within the file");
                fuzz::expect(entry.name.starts_with(zip.root()), "an entry lies below the root");
                try {
                    fuzz::expect(zip.read(entry, 1U << 20U).size() == entry.size_bytes, "an entry reads at its size");
                } catch (const Error&) {
                }
            }
            fuzz::expect(total <= size, "entries together fit the file");
        } catch (const Error&) {
        }
    }
    return 0;
}
