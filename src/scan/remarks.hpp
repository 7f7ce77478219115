#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace yolovino::scan {

/// Something in a stream that Python's pickler does not write, or that is not followed.
struct Remark {
    std::size_t offset = 0;  ///< of the operation, in the stream
    std::string text;
    bool hides_content = false;  ///< whether something stays unread because of it
};

/// The remarks about one stream. Each is placed at the operation that is being followed.
class Remarks {
public:
    void set_offset(std::size_t operation_offset) noexcept { offset_ = operation_offset; }
    std::size_t offset() const noexcept { return offset_; }

    void add(std::string text, bool hides_content = false) {
        constexpr std::size_t kMaxRemarks = 100;
        if (remarks_.size() < kMaxRemarks) remarks_.push_back({offset_, std::move(text), hides_content});
    }
    const std::vector<Remark>& all() const noexcept { return remarks_; }

private:
    std::size_t offset_ = 0;
    std::vector<Remark> remarks_;
};

}  // namespace yolovino::scan
