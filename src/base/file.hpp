#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/error.hpp"

namespace yolovino::base {

/// A regular file opened once for reading at any offset; it is never opened again by its name.
///
/// Reading is thread-safe.
class RandomAccessFile {
public:
    /// @throws Error NotFound, InvalidArgument for a folder or a device, IoFailure
    explicit RandomAccessFile(const std::filesystem::path& path);
    RandomAccessFile(RandomAccessFile&& other) noexcept;
    RandomAccessFile& operator=(RandomAccessFile&&) = delete;
    RandomAccessFile(const RandomAccessFile&) = delete;
    RandomAccessFile& operator=(const RandomAccessFile&) = delete;
    ~RandomAccessFile();

    const std::filesystem::path& path() const noexcept { return path_; }
    std::uint64_t size_bytes() const noexcept { return size_bytes_; }

    /// Fills `into` from `offset`. @throws Error CorruptFile beyond the end, IoFailure
    void read(std::uint64_t offset_bytes, std::span<std::byte> into) const;
    std::vector<std::byte> read(std::uint64_t offset_bytes, std::uint64_t count) const;

private:
    std::filesystem::path path_;
    int descriptor_ = -1;
    std::uint64_t size_bytes_ = 0;
};

/// Whether there is a regular file, or a link to one, that can be seen. Does not throw.
bool is_file(const std::filesystem::path& path) noexcept;
/// Whether it is a folder, or a link to one; false where that cannot be known.
bool is_folder(const std::filesystem::path& path) noexcept;

/// The whole of a file. @throws Error as RandomAccessFile, LimitExceeded above `max_bytes`
std::vector<std::byte> read_file(const std::filesystem::path& path, std::uint64_t max_bytes);
std::string read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Whether earlier processes may have left parts of a result, which must then be looked for in its folder. In a folder
/// of many results that costs time.
enum class Leftovers { Possible, None };

/// A file or folder under construction: made under a temporary name beside its final one and renamed by `commit()`.
/// Without a commit the destructor removes it.
class PendingPath {
public:
    enum class Kind { File, Folder };

    /// Creates the parent folders, and for Kind::Folder the temporary folder. @throws Error IoFailure
    PendingPath(std::filesystem::path final_path, Kind kind, Leftovers leftovers = Leftovers::Possible);
    PendingPath(const PendingPath&) = delete;
    PendingPath& operator=(const PendingPath&) = delete;
    ~PendingPath();

    /// Where to write until the commit.
    const std::filesystem::path& path() const noexcept { return temporary_; }

    /// Gives the result its name in one step. A file that stood there is replaced; of a folder, the files that the new
    /// one does not have are kept. @throws Error IoFailure
    void commit();

    /// `error`, which was thrown while the result was written, with the final name where it has the temporary one, and
    /// with a hint if it has none.
    Error named(const Error& error, std::string_view area) const;

private:
    std::filesystem::path final_;
    std::filesystem::path temporary_;
    bool committed_ = false;
};

/// Writes a whole file under a temporary name and renames it. @throws Error IoFailure
void write_file(const std::filesystem::path& path, std::span<const std::byte> content,
                Leftovers leftovers = Leftovers::Possible);
void write_text_file(const std::filesystem::path& path, std::string_view content,
                     Leftovers leftovers = Leftovers::Possible);

/// Sum of the sizes of a file or of all files below a folder. @throws Error IoFailure
std::uint64_t size_on_disk(const std::filesystem::path& path);

}  // namespace yolovino::base
