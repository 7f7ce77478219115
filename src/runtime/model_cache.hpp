#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace yolovino::runtime {

/// Whether a `cache_dir` names a folder, neither `auto` nor `none`.
bool asks_for_cache(const std::filesystem::path& cache_dir);

/// The folder that a `cache_dir` means. `auto` is the folder of the user, made if need be: empty if that cannot be
/// written, or if YOLOVINO_CACHE_MB is 0. Empty for `none`.
std::filesystem::path cache_folder(const std::filesystem::path& cache_dir);

/// What all entries of a folder may hold together: YOLOVINO_CACHE_MB, 2048 if it is not set.
std::uint64_t cache_limit_bytes();

/// Compiled models as files, each under the hash of what it was made of. Several processes may use a folder at once:
/// entries appear whole, carry the hash of their bytes, and are never changed. Nothing else in the folder is touched.
class ModelCache {
public:
    ModelCache(std::filesystem::path folder, std::uint64_t limit_bytes);

    /// Where the entry of a key is, and how long it is without the trailer.
    struct Entry {
        std::filesystem::path file;
        std::uint64_t size_bytes = 0;
        std::string sha256;  ///< what the trailer says of these bytes
    };

    /// The entry, marked as used; nothing if it is absent or incomplete.
    std::optional<Entry> find(std::string_view key) const;

    /// Whether there is an entry with such a key, whole or not.
    bool has_prefix(std::string_view start) const;

    /// Adds an entry that `write` writes into a file, and removes those that were not used for longest beyond the
    /// limit. @throws Error IoFailure
    void add(std::string_view key, const std::function<void(const std::filesystem::path&)>& write) const;

    void remove(std::string_view key) const;

    /// The folder of a key, in which OpenVINO keeps what it compiles for several devices. Files that are not as they
    /// were when it was sealed are removed first: OpenVINO would trust them. @throws Error IoFailure
    std::filesystem::path open_folder(std::string_view key) const;
    /// Notes the hashes of what is new in the folder, and removes what was not used for longest beyond the limit. Does
    /// not throw: what is not noted is compiled again.
    void seal_folder(std::string_view key) const noexcept;

private:
    std::filesystem::path file_of(std::string_view key) const;
    std::filesystem::path folder_of(std::string_view key) const;
    void shrink(const std::filesystem::path& newest) const;

    std::filesystem::path folder_;
    std::uint64_t limit_bytes_;
};

}  // namespace yolovino::runtime
