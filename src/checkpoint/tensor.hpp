#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint/pickle.hpp"
#include "checkpoint/zip_reader.hpp"

namespace yolovino::checkpoint {

std::uint64_t element_bytes(DType dtype) noexcept;

/// IEEE half precision to single precision, exact for subnormals, infinities and NaN.
void convert_f16(const std::uint16_t* from, float* to, std::size_t count) noexcept;

/// Reads the calls that rebuild tensors, and checks each against the storage that it views.
class TensorReader {
public:
    TensorReader(const Pickle& pickle, const ZipReader& zip, std::string file);

    /// Whether the node is a tensor or a parameter of any kind, supported or not.
    bool is_tensor(Pickle::Index node) const;
    /// @param name what to call it in messages
    /// @throws Error CorruptFile, UnsupportedModel for sparse, quantised and other tensors that are not plain views
    TensorRef read(Pickle::Index node, std::string_view name);

private:
    struct Storage {
        DType dtype;
        bool untyped;
        std::uint64_t count;  ///< elements, or bytes if untyped
    };

    Pickle::Index unwrap_parameter(Pickle::Index node, std::string_view name) const;
    std::pair<std::string, Storage> read_storage(Pickle::Index node, std::string_view name);
    std::vector<std::int64_t> read_sizes(Pickle::Index node, std::string_view name, std::string_view what) const;
    void check_view(const TensorRef& tensor, std::uint64_t storage_count, std::string_view name) const;
    [[noreturn]] void corrupt(std::string_view name, std::string_view why) const;
    [[noreturn]] void unsupported(std::string_view name, std::string_view why) const;

    const Pickle& pickle_;
    const ZipReader& zip_;
    std::string file_;
    std::unordered_map<std::string, Storage> storages_;
};

/// Fetches elements. Thread-safe.
class TensorData {
public:
    TensorData(const ZipReader& zip, std::string file) : zip_(zip), file_(std::move(file)) {}

    std::vector<float> read_f32(const TensorRef& tensor, std::string_view name) const;

private:
    struct Extent {
        std::uint64_t count;
        std::uint64_t span;  ///< elements from the first to the last that the view touches
    };
    Extent check(const TensorRef& tensor, const ZipEntry& entry, std::string_view name) const;
    std::vector<std::byte> fetch(const TensorRef& tensor, const ZipEntry& entry, std::uint64_t span) const;
    [[noreturn]] void corrupt(const TensorRef& tensor, std::string_view name, std::string_view why) const;

    const ZipReader& zip_;
    std::string file_;
    mutable std::mutex mutex_;
    mutable std::set<std::string, std::less<>> verified_;
};

}  // namespace yolovino::checkpoint
