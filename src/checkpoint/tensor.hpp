#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checkpoint/pickle.hpp"
#include "checkpoint/storages.hpp"
#include "checkpoint/values.hpp"

namespace yolovino::checkpoint {

std::uint64_t element_bytes(DType dtype) noexcept;

/// IEEE half precision to single precision, exact for subnormals, infinities and NaN.
void convert_f16(const std::uint16_t* from, float* to, std::size_t count) noexcept;

/// What a reference to a storage says: in an archive ('storage', type, key, location, count), in a legacy file with a
/// sixth part, None.
struct StorageId {
    std::string_view key;  ///< digits
    DType dtype;
    bool untyped;
    std::uint64_t count;  ///< elements, or bytes if untyped

    std::uint64_t element_bytes() const noexcept;
};

/// Nothing if the node is no such reference, or to a type that is not read.
std::optional<StorageId> storage_id(const Pickle& pickle, Pickle::Index node);

/// Reads the calls that rebuild tensors, and checks each against the storage that it views.
class TensorReader {
public:
    TensorReader(const Pickle& pickle, const Storages& storages, std::string file);

    /// Whether the node is a tensor or a parameter of any kind, supported or not.
    bool is_tensor(Pickle::Index node) const;
    /// @param name what to call it in messages
    /// @throws Error CorruptFile, UnsupportedModel for sparse, quantized and other tensors that are not plain views
    TensorRef read(Pickle::Index node, std::string_view name);

private:
    struct Storage {
        DType dtype;
        bool untyped;
        std::uint64_t count;  ///< elements, or bytes if untyped
    };

    Pickle::Index unwrap_parameter(Pickle::Index node, std::string_view name) const;
    std::pair<std::string, Storage> read_storage(Pickle::Index node, std::string_view name);
    [[noreturn]] void refuse_storage(Pickle::Index node, std::string_view name) const;
    std::vector<std::int64_t> read_sizes(Pickle::Index node, std::string_view name, std::string_view what) const;
    void check_view(const TensorRef& tensor, std::uint64_t storage_count, std::string_view name) const;
    [[noreturn]] void corrupt(std::string_view name, std::string_view why) const;
    [[noreturn]] void unsupported(std::string_view name, std::string_view why) const;

    const Pickle& pickle_;
    const Storages& storages_;
    std::string file_;
    std::unordered_map<std::string, Storage> known_;
};

/// Fetches elements. Thread-safe.
class TensorData {
public:
    TensorData(const Storages& storages, std::string file) : storages_(storages), file_(std::move(file)) {}

    std::vector<float> read_f32(const TensorRef& tensor, std::string_view name) const;

private:
    struct Extent {
        std::uint64_t count;
        std::uint64_t span;  ///< elements from the first to the last that the view touches
    };
    Extent check(const TensorRef& tensor, std::uint64_t storage_bytes, std::string_view name) const;
    [[noreturn]] void corrupt(const TensorRef& tensor, std::string_view name, std::string_view why) const;

    const Storages& storages_;
    std::string file_;
};

}  // namespace yolovino::checkpoint
