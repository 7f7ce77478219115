#include "runtime/model_cache.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <unistd.h>
#include <vector>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"

namespace yolovino::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kDefaultLimitMb = 2048;
constexpr std::string_view kSuffix = ".blob";
constexpr std::string_view kFolderSuffix = ".devices";
constexpr std::string_view kSeal = "seal";  // in such a folder: a line with hash and name of each file
/// Ends each entry, behind the 64 digits of the hash of what precedes them.
constexpr std::string_view kMark = "\nyolovino model 1\n";
constexpr std::size_t kDigits = 64;
constexpr std::size_t kTrailerBytes = kDigits + kMark.size();

bool is_off(const fs::path& cache_dir) {
    const std::string word = base::to_lower(cache_dir.string());
    return word.empty() || word == "none" || word == "false" || word == "off";
}

bool is_auto(const fs::path& cache_dir) {
    const std::string word = base::to_lower(cache_dir.string());
    return word == "auto" || word == "true";
}

fs::path environment_path(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? fs::path() : fs::path(value);
}

fs::path users_folder() {
    fs::path root = environment_path("XDG_CACHE_HOME");
    // The rule of XDG: a relative path is to be ignored.
    if (!root.is_absolute()) {
        root = environment_path("HOME");
        if (!root.is_absolute()) return {};
        root /= ".cache";
    }
    return root / "yolovino" / "models";
}

/// Whether a file or folder has the name of an entry. A folder that the user named may hold anything else.
bool is_key(std::string_view name) {
    return name.size() >= kDigits && std::ranges::all_of(name, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
           });
}

bool is_entry(const std::string& name) {
    for (const std::string_view suffix : {kSuffix, kFolderSuffix}) {
        if (name.ends_with(suffix)) return is_key(std::string_view(name).substr(0, name.size() - suffix.size()));
    }
    return false;
}

/// An entry that is being written: `.KEY.blob.PROCESS-NUMBER.tmp`.
bool is_unfinished(const std::string& name) {
    const std::size_t key_end = name.find(kSuffix);
    return name.starts_with('.') && name.ends_with(".tmp") && key_end != std::string::npos &&
           is_key(std::string_view(name).substr(1, key_end - 1));
}

std::map<std::string, std::string> read_seal(const fs::path& folder) {
    std::map<std::string, std::string> hashes;
    std::ifstream in(folder / kSeal);
    for (std::string hash, name; in >> hash >> name;) hashes[name] = hash;
    return hashes;
}

void write_seal(const fs::path& folder, const std::map<std::string, std::string>& hashes) {
    std::string lines;
    for (const auto& [name, hash] : hashes) lines += fmt::format("{} {}\n", hash, name);
    base::write_text_file(folder / kSeal, lines);
}

std::string hash_of(const fs::path& file) {
    return base::sha256(base::RandomAccessFile(file));
}

/// Once for each wrong value: the limit is read for every network.
void warn_of_limit(std::string_view value) {
    static std::mutex mutex;
    static std::string said;
    {
        const std::lock_guard lock(mutex);
        if (said == value) return;
        said = value;
    }
    base::warn("YOLOVINO_CACHE_MB is '{}', wanted a whole number; {} is used", base::printable(value), kDefaultLimitMb);
}

/// What earlier processes left when they were killed while they wrote.
void remove_abandoned(const fs::path& file) {
    constexpr std::chrono::hours kAge(1);
    std::error_code error;
    const auto touched = fs::last_write_time(file, error);
    if (!error && fs::file_time_type::clock::now() - touched > kAge) fs::remove(file, error);
}

}  // namespace

bool asks_for_cache(const fs::path& cache_dir) {
    return !is_off(cache_dir) && !is_auto(cache_dir);
}

fs::path cache_folder(const fs::path& cache_dir) {
    if (is_off(cache_dir) || cache_limit_bytes() == 0) return {};
    if (!is_auto(cache_dir)) return cache_dir;
    fs::path folder = users_folder();
    if (folder.empty()) {
        base::debug("no cache for compiled models: neither XDG_CACHE_HOME nor HOME names a folder");
        return {};
    }
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || ::access(folder.c_str(), W_OK | X_OK) != 0) {
        base::debug("no cache for compiled models: {} cannot be written", base::printable(folder.string()));
        return {};
    }
    return folder;
}

std::uint64_t cache_limit_bytes() {
    std::uint64_t limit_mb = kDefaultLimitMb;
    const char* const text = std::getenv("YOLOVINO_CACHE_MB");
    if (text != nullptr && *text != '\0') {
        const std::string_view digits(text);
        std::uint64_t number = 0;
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (problem == std::errc() && end == digits.data() + digits.size())
            limit_mb = number;
        else
            warn_of_limit(digits);
    }
    return base::checked_mul(limit_mb, 1U << 20U).value_or(std::numeric_limits<std::uint64_t>::max());
}

ModelCache::ModelCache(fs::path folder, std::uint64_t limit_bytes)
    : folder_(std::move(folder)), limit_bytes_(limit_bytes) {}

fs::path ModelCache::file_of(std::string_view key) const {
    return folder_ / fmt::format("{}{}", key, kSuffix);
}

std::optional<ModelCache::Entry> ModelCache::find(std::string_view key) const {
    const fs::path path = file_of(key);
    try {
        const base::RandomAccessFile file(path);
        if (file.size_bytes() < kTrailerBytes) return std::nullopt;
        Entry entry{path, file.size_bytes() - kTrailerBytes, {}};
        const std::vector<std::byte> trailer = file.read(entry.size_bytes, kTrailerBytes);
        const std::string_view text = base::as_text(trailer);
        if (text.substr(kDigits) != kMark) return std::nullopt;
        entry.sha256 = text.substr(0, kDigits);
        std::error_code ignored;
        fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
        return entry;
    } catch (const Error&) {
        return std::nullopt;
    }
}

bool ModelCache::has_prefix(std::string_view start) const {
    std::error_code error;
    for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        if (name.starts_with(start) && name.ends_with(kSuffix)) return true;
    }
    return false;
}

void ModelCache::add(std::string_view key, const std::function<void(const fs::path&)>& write) const {
    const fs::path path = file_of(key);
    base::PendingPath pending(path, base::PendingPath::Kind::File);
    write(pending.path());
    const std::string digest = base::sha256(base::RandomAccessFile(pending.path()));
    std::ofstream out(pending.path(), std::ios::binary | std::ios::app);
    out << digest << kMark;
    out.close();
    if (!out) throw Error(ErrorCode::IoFailure, "cache", "cannot write the compiled model", {.file = path.string()});
    pending.commit();
    shrink(path);
}

void ModelCache::remove(std::string_view key) const {
    std::error_code ignored;
    fs::remove(file_of(key), ignored);
}

fs::path ModelCache::folder_of(std::string_view key) const {
    return folder_ / fmt::format("{}{}", key, kFolderSuffix);
}

fs::path ModelCache::open_folder(std::string_view key) const {
    fs::path folder = folder_of(key);
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw Error(ErrorCode::IoFailure, "cache", error.message(), {.file = folder.string()});
    const std::map<std::string, std::string> sealed = read_seal(folder);
    std::map<std::string, std::string> whole;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name == kSeal) continue;
        const auto known = sealed.find(name);
        if (known != sealed.end() && entry.is_regular_file() && hash_of(entry.path()) == known->second) {
            whole.insert(*known);
            continue;
        }
        base::debug("the cache is damaged: {}", base::printable(entry.path().string()));
        fs::remove_all(entry.path(), error);
    }
    // What is compiled again under the name of a removed file has another hash.
    if (whole != sealed) write_seal(folder, whole);
    return folder;
}

void ModelCache::seal_folder(std::string_view key) const noexcept {
    try {
        const fs::path folder = folder_of(key);
        std::map<std::string, std::string> hashes = read_seal(folder);
        for (const auto& entry : fs::directory_iterator(folder)) {
            const std::string name = entry.path().filename().string();
            if (name.ends_with(kSuffix) && !hashes.contains(name)) hashes[name] = hash_of(entry.path());
        }
        write_seal(folder, hashes);  // written at each use, for its time records when that was
        shrink(folder);
    } catch (const std::exception& e) {
        base::debug("the compiled model is not cached: {}", e.what());
    }
}

void ModelCache::shrink(const fs::path& newest) const {
    struct File {
        fs::path path;
        fs::file_time_type used;
        std::uint64_t size_bytes = 0;
    };
    std::vector<File> files;
    std::uint64_t total_bytes = 0;
    std::error_code error;
    // Others remove files meanwhile: what is gone does not count.
    for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        if (is_unfinished(name)) remove_abandoned(it->path());
        if (!is_entry(name)) continue;
        std::error_code gone;
        const fs::path seal = it->path() / kSeal;
        File file{it->path(), fs::last_write_time(fs::exists(seal, gone) ? seal : it->path(), gone), 0};
        if (gone) continue;
        try {
            file.size_bytes = base::size_on_disk(it->path());
        } catch (const Error&) {
            continue;
        }
        total_bytes += file.size_bytes;
        files.push_back(std::move(file));
    }
    std::ranges::sort(files, {}, &File::used);
    for (const File& file : files) {
        if (total_bytes <= limit_bytes_) return;
        std::error_code gone;
        // The newest goes as well if it alone is above the limit.
        if (file.path == newest && file.size_bytes <= limit_bytes_) continue;
        fs::remove_all(file.path, gone);
        total_bytes -= file.size_bytes;
    }
}

}  // namespace yolovino::runtime
