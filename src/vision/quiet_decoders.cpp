#include "vision/quiet_decoders.hpp"

#include <iostream>
#include <streambuf>

namespace yolovino::vision {

namespace {

thread_local bool dropping = false;

class Filter final : public std::streambuf {
public:
    explicit Filter(std::streambuf* behind) : behind_(behind) {}

protected:
    int_type overflow(int_type c) override {
        if (dropping || traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
        return behind_ == nullptr ? traits_type::eof() : behind_->sputc(traits_type::to_char_type(c));
    }
    std::streamsize xsputn(const char* text, std::streamsize count) override {
        if (dropping) return count;
        return behind_ == nullptr ? 0 : behind_->sputn(text, count);
    }
    int sync() override { return dropping || behind_ == nullptr ? 0 : behind_->pubsync(); }

private:
    std::streambuf* behind_;
};

/// Set while the library is loaded, not when the first image comes: then other threads may be writing, and a
/// program's own buffer would be replaced. Never destroyed, since the stream outlives everything.
[[maybe_unused]] const auto* const kReplaced = std::cerr.rdbuf(new Filter(std::cerr.rdbuf()));

}  // namespace

void drop_own_errors(bool drop) noexcept {
    dropping = drop;
}

}  // namespace yolovino::vision
