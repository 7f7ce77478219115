#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/child_process.hpp"
#include "imports/layers.hpp"

namespace yolovino::imports {

/// Arrays and texts of an HDF5 file.
struct Hdf5Content {
    std::map<std::string, Array> arrays;                         ///< by path: `layers/conv2d/vars/0`
    std::map<std::string, std::vector<std::string>> attributes;  ///< texts by `path@name`; of the root `@name`
};

/// Weights are packed by half at most; only what is all zeros packs better, and that is small.
inline constexpr std::uint64_t kMaxGrowth = 8;
inline constexpr std::uint64_t kFreeBytes = 256U << 20U;

/// Reads an HDF5 file in a process of its own, since libhdf5 1.10 crashes on some damaged ones.
/// @param image the whole file. @param file for messages
/// @param paid_bytes what stands for it on disk: its content is believed up to `kMaxGrowth` times that and `kFreeBytes`
/// @throws Error CorruptFile, also if the library crashed on it; UnsupportedFile, LimitExceeded, MissingComponent,
///         RuntimeFailure if the system gives no process
Hdf5Content read_hdf5(std::span<const std::byte> image, const std::string& file, std::uint64_t paid_bytes);

/// Takes what the reader in the module finds, piece by piece.
class Hdf5Sink {
public:
    virtual ~Hdf5Sink() = default;
    virtual void take(const std::string& path, const Array& array) = 0;
    virtual void take(const std::string& place, const std::vector<std::string>& texts) = 0;
};

/// What the module `yolovino-hdf5.so` exports as `yolovino_read_hdf5`.
/// @throws Error CorruptFile, UnsupportedFile, LimitExceeded
using ReadHdf5Function = void (*)(std::span<const std::byte> image, const std::string& file, Hdf5Sink& into);

/// How the content passes from one process to the other.
namespace detail {

class Hdf5Sender final : public Hdf5Sink {
public:
    explicit Hdf5Sender(base::ChildOutput& output) : output_(output) {}
    void take(const std::string& path, const Array& array) override;
    void take(const std::string& place, const std::vector<std::string>& texts) override;

private:
    base::ChildOutput& output_;
};

struct Hdf5Limits {
    std::uint64_t array_bytes;  ///< of all arrays together
    std::uint64_t text_bytes;   ///< the same
    unsigned processor_s;       ///< for the message
};

/// @throws Error what was thrown in the child; LimitExceeded; CorruptFile if the child ended early
Hdf5Content receive_hdf5(base::ChildProcess& child, const std::string& file, const Hdf5Limits& limits);

}  // namespace detail

}  // namespace yolovino::imports
