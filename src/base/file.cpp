#include "base/file.hpp"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <random>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/folder.hpp"

namespace yolovino::base {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kWriteHint = "check that there is room on the disk and that you may write there";

[[noreturn]] void fail_io(const fs::path& path, std::string_view what, int error_number, std::string_view hint = {}) {
    throw Error(ErrorCode::IoFailure, "file",
                fmt::format("{}: {}", what, std::generic_category().message(error_number)), {.file = path.string()},
                hint);
}

void write_all(int descriptor, std::span<const std::byte> content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            fail_io(path, "cannot write", errno, kWriteHint);
        }
        content = content.subspan(static_cast<std::size_t>(written));
    }
}

/// How the temporary names of a result begin. A name may be as long as the file system allows, and they are longer.
std::string temporary_prefix(const fs::path& final_path) {
    constexpr std::size_t kTailBytes = std::string_view("..2147483647-4294967295.tmp.old").size();
    std::string name = final_path.filename().string();
    if (name.size() + kTailBytes > NAME_MAX) {
        std::size_t end = NAME_MAX - kTailBytes;
        while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;  // no part of a character
        name.resize(end);
    }
    return fmt::format(".{}.", name);
}

/// Processes of several containers may have the same id and write to the same shared folder.
std::uint32_t unique_number() {
    static std::atomic<std::uint32_t> counter = std::random_device()();
    return counter++;
}

/// Removes what earlier processes left under construction: those whose process is gone and that nobody has touched for
/// a while, since another machine or container may share the folder.
void remove_abandoned(const fs::path& final_path) {
    constexpr std::chrono::minutes kAge(10);
    const std::string prefix = temporary_prefix(final_path);
    std::error_code error;
    const fs::path parent = final_path.has_parent_path() ? final_path.parent_path() : fs::path(".");
    for (const std::string& name : folder_entries(parent, error, Hidden::Take)) {
        if (!name.starts_with(prefix) || !name.ends_with(".tmp")) continue;
        pid_t owner = 0;
        const char* const digits = name.data() + prefix.size();
        const auto [end, problem] = std::from_chars(digits, name.data() + name.size(), owner);
        if (problem != std::errc() || *end != '-' || owner <= 0) continue;
        const bool gone = ::kill(owner, 0) != 0 && errno == ESRCH;
        if (!gone) continue;
        const fs::path abandoned = parent / name;
        const auto touched = fs::last_write_time(abandoned, error);
        if (!error && fs::file_time_type::clock::now() - touched > kAge) fs::remove_all(abandoned, error);
    }
}

/// Moves what the new folder does not have from the old one into it: a user's own notes must survive.
void keep_unrelated(const fs::path& old_folder, const fs::path& new_folder) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(old_folder, error)) {
        const fs::path kept = new_folder / entry.path().filename();
        if (!fs::exists(fs::symlink_status(kept, error))) fs::rename(entry.path(), kept, error);
    }
}

}  // namespace

RandomAccessFile::RandomAccessFile(const fs::path& path) : path_(path) {
    // O_NONBLOCK: opening a FIFO must fail below, not wait for a writer.
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) {
        const int error_number = errno;
        if (error_number == ENOENT || error_number == ENOTDIR) {
            throw Error(ErrorCode::NotFound, "file", "no such file", {.file = path.string()});
        }
        fail_io(path, "cannot open", error_number);
    }
    struct stat status = {};
    if (::fstat(descriptor_, &status) != 0) {
        const int error_number = errno;
        ::close(descriptor_);
        fail_io(path, "cannot stat", error_number);
    }
    if (!S_ISREG(status.st_mode)) {
        ::close(descriptor_);
        const bool folder = S_ISDIR(status.st_mode);
        throw Error(folder ? ErrorCode::InvalidArgument : ErrorCode::UnsupportedFile, "file",
                    folder ? "is a folder, wanted a file" : "is not a regular file", {.file = path.string()});
    }
    size_bytes_ = static_cast<std::uint64_t>(status.st_size);
}

RandomAccessFile::RandomAccessFile(RandomAccessFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_bytes_(other.size_bytes_) {}

RandomAccessFile::~RandomAccessFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void RandomAccessFile::read(std::uint64_t offset_bytes, std::span<std::byte> into) const {
    const auto end = checked_add(offset_bytes, into.size());
    if (!end || *end > size_bytes_) {
        throw Error(ErrorCode::CorruptFile, "file",
                    fmt::format("read of {} bytes passes the end at {}", into.size(), size_bytes_),
                    {.file = path_.string(), .offset_bytes = offset_bytes});
    }
    while (!into.empty()) {
        const ssize_t got = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset_bytes));
        if (got < 0) {
            if (errno == EINTR) continue;
            fail_io(path_, "cannot read", errno);
        }
        if (got == 0) {
            throw Error(ErrorCode::CorruptFile, "file", "the file became shorter while it was read",
                        {.file = path_.string(), .offset_bytes = offset_bytes});
        }
        into = into.subspan(static_cast<std::size_t>(got));
        offset_bytes += static_cast<std::uint64_t>(got);
    }
}

std::vector<std::byte> RandomAccessFile::read(std::uint64_t offset_bytes, std::uint64_t count) const {
    const auto end = checked_add(offset_bytes, count);
    if (!end || *end > size_bytes_) {
        throw Error(ErrorCode::CorruptFile, "file",
                    fmt::format("read of {} bytes passes the end at {}", count, size_bytes_),
                    {.file = path_.string(), .offset_bytes = offset_bytes});
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(count));
    read(offset_bytes, bytes);
    return bytes;
}

bool is_file(const fs::path& path) noexcept {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) noexcept {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

std::vector<std::byte> read_file(const fs::path& path, std::uint64_t max_bytes) {
    const RandomAccessFile file(path);
    if (file.size_bytes() > max_bytes) {
        throw Error(ErrorCode::LimitExceeded, "file",
                    fmt::format("holds {} bytes, at most {} are read", file.size_bytes(), max_bytes),
                    {.file = path.string()});
    }
    return file.read(0, file.size_bytes());
}

std::string read_text_file(const fs::path& path, std::uint64_t max_bytes) {
    const auto bytes = read_file(path, max_bytes);
    return std::string(as_text(bytes));
}

PendingPath::PendingPath(fs::path final_path, Kind kind, Leftovers leftovers) : final_(std::move(final_path)) {
    if (!final_.has_filename()) final_ = final_.parent_path();
    // The folder behind a link is replaced, not the link.
    if (std::error_code absent; fs::is_symlink(final_, absent) && fs::is_directory(final_, absent))
        final_ = fs::canonical(final_);
    std::error_code error;
    // Put together as text: a path of libstdc++ that is changed in place crashes where memory runs out.
    const std::string parent = final_.parent_path().string();
    temporary_ = fmt::format("{}{}{}{}-{}.tmp", parent, parent.empty() || parent.ends_with('/') ? "" : "/",
                             temporary_prefix(final_), ::getpid(), unique_number());
    if (final_.has_parent_path()) fs::create_directories(final_.parent_path(), error);
    if (error) fail_io(final_.parent_path(), "cannot create folder", error.value(), kWriteHint);
    if (leftovers == Leftovers::Possible) remove_abandoned(final_);
    if (kind == Kind::Folder) {
        fs::create_directory(temporary_, error);
        if (error) fail_io(final_, "cannot create folder", error.value(), kWriteHint);
    }
}

PendingPath::~PendingPath() {
    if (committed_) return;
    try {
        std::error_code ignored;
        fs::remove_all(temporary_, ignored);
    } catch (const std::bad_alloc&) {
        // What is left behind is removed by a later process.
    }
}

void PendingPath::commit() {
    std::error_code error;
    // A folder cannot be renamed over one that is not empty: exchange the two in one step and remove the old one, so
    // that the final name always shows a whole result.
    if (fs::is_directory(fs::symlink_status(final_)) && fs::is_directory(temporary_)) {
        if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, final_.c_str(), RENAME_EXCHANGE) != 0) {
            fs::path old = temporary_;
            old += ".old";
            fs::rename(final_, old, error);
            if (!error) fs::rename(temporary_, final_, error);
            if (error) fail_io(final_, "cannot replace", error.value());
            keep_unrelated(old, final_);
            fs::remove_all(old, error);
        } else {
            keep_unrelated(temporary_, final_);
            fs::remove_all(temporary_, error);
        }
        committed_ = true;
        return;
    }
    fs::rename(temporary_, final_, error);
    if (error) fail_io(final_, "cannot rename the finished result", error.value());
    committed_ = true;
}

Error PendingPath::named(const Error& error, std::string_view area) const {
    const auto rename = [&](std::string text) {
        const std::string temporary = temporary_.string();
        const std::string name = final_.string();
        for (std::size_t at = text.find(temporary); at != std::string::npos;
             at = text.find(temporary, at + name.size()))
            text.replace(at, temporary.size(), name);
        return text;
    };
    ErrorLocation where = error.where();
    where.file = rename(where.file);
    const bool needs_hint = error.hint().empty() && error.code() == ErrorCode::IoFailure;
    return Error(error.code(), area, rename(error.message()), std::move(where),
                 needs_hint ? kWriteHint : std::string_view(error.hint()));
}

void write_file(const fs::path& path, std::span<const std::byte> content, Leftovers leftovers) {
    PendingPath pending(path, PendingPath::Kind::File, leftovers);
    const int descriptor = ::open(pending.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) fail_io(path, "cannot create", errno, kWriteHint);
    try {
        write_all(descriptor, content, path);
    } catch (...) {
        ::close(descriptor);
        throw;
    }
    if (::close(descriptor) != 0) fail_io(path, "cannot write", errno, kWriteHint);
    pending.commit();
}

void write_text_file(const fs::path& path, std::string_view content, Leftovers leftovers) {
    write_file(path, as_bytes(content), leftovers);
}

std::uint64_t size_on_disk(const fs::path& path) {
    std::error_code error;
    std::uint64_t total = 0;
    if (fs::is_directory(path, error)) {
        for (const auto& entry : fs::recursive_directory_iterator(path, error)) {
            if (entry.is_regular_file(error)) total += entry.file_size(error);
        }
    } else {
        total = fs::file_size(path, error);
    }
    if (error) fail_io(path, "cannot measure", error.value());
    return total;
}

}  // namespace yolovino::base
