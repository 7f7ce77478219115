#include "nets/heads/head.hpp"

#include <algorithm>

namespace yolovino::nets {

const Head* find_head(std::span<const Head> table, std::string_view class_name) {
    const auto found = std::ranges::find(table, class_name, &Head::class_name);
    return found == table.end() ? nullptr : &*found;
}

std::string head_names(std::span<const Head> table, std::string_view separator) {
    std::string names;
    for (const Head& head : table) {
        if (!names.empty()) names += separator;
        names += head.class_name;
    }
    return names;
}

}  // namespace yolovino::nets
