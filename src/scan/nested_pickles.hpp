#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "scan/remarks.hpp"
#include "scan/value_arena.hpp"

namespace yolovino::scan {

/// The texts of a stream that may hold a pickle of their own. pickle.loads and numpy's arrays of objects unpickle them.
class NestedPickles {
public:
    NestedPickles(ValueArena& values, Remarks& remarks) : values_(values), remarks_(remarks) {}

    /// Remembers a text if it may be a pickle, also one whose bytes were written as the characters of Latin-1.
    void consider_text(std::string_view text);
    void consider_bytes(std::string_view bytes);
    /// They live as long as the stream and the arena.
    const std::vector<base::Bytes>& all() const noexcept { return candidates_; }

private:
    ValueArena& values_;
    Remarks& remarks_;
    std::vector<base::Bytes> candidates_;
};

}  // namespace yolovino::scan
