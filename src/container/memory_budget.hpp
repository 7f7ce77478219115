#pragma once

#include <cstdint>

namespace yolovino::container {

/// What reading a pickle may allocate: a fixed sum, and as much again as the pickle has bytes. Official files need 6
/// MB; what a file shares or declares beyond that it must pay for with its own size.
class MemoryBudget {
public:
    static constexpr std::uint64_t kFreeBytes = 24ULL << 20;

    explicit MemoryBudget(std::uint64_t pickle_bytes) noexcept : left_(kFreeBytes + pickle_bytes), all_(left_) {}

    /// Pays for bytes about to be allocated; false if there are not as many left.
    bool pay(std::uint64_t bytes) noexcept {
        if (bytes > left_) return false;
        left_ -= bytes;
        return true;
    }
    bool holds(std::uint64_t bytes) const noexcept { return bytes <= left_; }
    /// Gives back what was paid for something short-lived.
    void refund(std::uint64_t bytes) noexcept { left_ += bytes; }
    /// What there was at the start, for messages.
    std::uint64_t all() const noexcept { return all_; }

private:
    std::uint64_t left_;
    std::uint64_t all_;
};

}  // namespace yolovino::container
