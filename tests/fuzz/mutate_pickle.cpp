#include <cstring>

#include "fuzz/input.hpp"
#include "fuzz/pickle_mutator.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed);
extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data1, std::size_t size1,
                                                 const std::uint8_t* data2, std::size_t size2, std::uint8_t* out,
                                                 std::size_t max_size, unsigned int seed);

/// For libFuzzer: mostly changes of whole operations, now and then of bytes.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
    if (seed % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
    yolovino::fuzz::PickleMutator mutator(seed);
    const std::string changed = mutator.mutate(yolovino::fuzz::text_of(data, size));
    if (changed.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
    std::memcpy(data, changed.data(), changed.size());
    return changed.size();
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* data1, std::size_t size1,
                                                 const std::uint8_t* data2, std::size_t size2, std::uint8_t* out,
                                                 std::size_t max_size, unsigned int seed) {
    yolovino::fuzz::PickleMutator mutator(seed);
    const std::string crossed =
        mutator.cross(yolovino::fuzz::text_of(data1, size1), yolovino::fuzz::text_of(data2, size2));
    const std::size_t bytes = crossed.size() > max_size ? 0 : crossed.size();
    std::memcpy(out, crossed.data(), bytes);
    return bytes;
}
