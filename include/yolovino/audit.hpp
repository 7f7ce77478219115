#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "yolovino/visibility.hpp"

namespace yolovino {

/// What a name in a pickle can do to a program that unpickles the file with Python.
enum class NameVerdict {
    Needed,     ///< a class or function that every YOLOv8 checkpoint names
    Harmless,   ///< known, and no way to run code
    Unknown,    ///< in none of the lists
    Dangerous,  ///< runs code, opens files or connections, or reaches what does
};

/// `needed`, `harmless`, `unknown`, `dangerous`.
YOLOVINO_API std::string_view to_string(NameVerdict verdict) noexcept;

/// One name that the file asks Python to import.
struct AuditedName {
    std::string module;  ///< as it is in the file, not escaped
    std::string name;    ///< likewise; `<computed>` if it is only known when the file is loaded
    NameVerdict verdict = NameVerdict::Unknown;
    std::string reason;              ///< why it is not harmless; empty for needed and harmless names
    std::string entry;               ///< of the archive where it was met first; empty in a bare pickle
    std::uint64_t offset_bytes = 0;  ///< of the operation: in the entry, in a bare pickle in the file
    std::uint64_t uses = 0;          ///< operations that name it; those that repeat it from the memo do not count
};

/// One tensor that the pickle describes. Nothing is checked against the storages.
struct AuditedTensor {
    std::string path;   ///< `model.model.0.conv.weight`; empty if no name leads to it
    std::string dtype;  ///< `float16`; or the storage class as it is in the file
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;  ///< in elements
    std::int64_t offset = 0;            ///< in elements
    std::string storage;                ///< key: entry `data/<key>` of the archive
    std::string location;               ///< `cpu`, `cuda:0`
};

/// One entry of the archive, whether the directory or only a local header names it.
struct AuditedEntry {
    std::string name;
    std::uint64_t offset_bytes = 0;  ///< of the local header
    std::uint64_t stored_bytes = 0;
    std::uint64_t size_bytes = 0;  ///< as declared, before compression
    std::uint32_t method = 0;      ///< 0 stored, 8 deflated
    bool in_directory = true;
    std::string sha256;  ///< of the stored bytes, hexadecimal
};

/// Something in container or stream that torch.save does not write.
struct AuditAnomaly {
    std::string entry;  ///< empty: the file itself
    std::optional<std::uint64_t> offset_bytes = {};
    std::string text;
    /// Something stays unread because of it, so that the file cannot be called harmless.
    bool hides_content = false;
    /// Reason enough to call the file dangerous: programs differ about what it holds, or it holds code.
    bool dangerous = false;
};

/// What `audit` found.
struct AuditReport {
    std::filesystem::path path;
    std::uint64_t size_bytes = 0;
    std::string sha256;
    std::string
        container;  ///< `torch archive`, `zip archive`, `legacy torch.save`, `legacy tar`, `pickle`, or `unknown`
    /// The worst of all names and anomalies; Unknown at least where content is hidden or no pickle was understood.
    NameVerdict verdict = NameVerdict::Unknown;
    /// Why the reader of checkpoints refuses the file, as one printable line; empty if it takes it.
    std::string refusal;
    std::vector<AuditedName> names;  ///< the worst first, then in the order of the file
    std::vector<AuditedTensor> tensors;
    std::vector<AuditedEntry> entries;
    std::vector<AuditAnomaly> anomalies;

    /// Whether no anomaly hides content. Does not throw.
    bool followed() const noexcept { return std::ranges::none_of(anomalies, &AuditAnomaly::hides_content); }
};

/// Looks through a file for what Python would import if it unpickled it. Nothing is executed, resolved, or unpacked to
/// disk, and the file need not be a checkpoint: archives and pickles of any protocol are read as far as they go, broken
/// and forged ones too. Memory and time are bounded by limits and by the size of the file.
/// @throws Error NotFound, InvalidArgument for a folder, UnsupportedFile for a device, IoFailure
YOLOVINO_API AuditReport audit(const std::filesystem::path& path);

}  // namespace yolovino
