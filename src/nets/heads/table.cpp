#include "nets/heads/table.hpp"

namespace yolovino::nets {

// Each in the source of its head; nothing but the table names them.
Head detect_head();
Head segment_head();
Head pose_head();
Head obb_head();
Head classify_head();
Head v10_detect_head();
Head segment26_head();
Head pose26_head();
Head obb26_head();

std::span<const Head> head_table() {
    static const Head kTable[] = {detect_head(),     segment_head(),   classify_head(), pose_head(), obb_head(),
                                  v10_detect_head(), segment26_head(), pose26_head(),   obb26_head()};
    return kTable;
}

}  // namespace yolovino::nets
