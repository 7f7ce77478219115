#include "checkpoint/pickle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "base/bytes.hpp"

namespace yolovino::checkpoint {

double Pickle::real(Index node) const noexcept {
    return std::bit_cast<double>(nodes_[node].integer);
}

std::string_view Pickle::text(Index node) const noexcept {
    const auto packed = static_cast<std::uint64_t>(nodes_[node].integer);
    return base::as_text(bytes_).substr(packed >> 32, packed & 0xFFFFFFFF);
}

Pickle::Global Pickle::global(Index node) const noexcept {
    return globals_[list_of(node)];
}

Pickle::Global Pickle::callable(Index object_node) const noexcept {
    if (!is_object(object_node)) return {};
    const Index callee = object(object_node).callable;
    return kind(callee) == Kind::Global ? global(callee) : Global{};
}

std::span<const Pickle::Index> Pickle::arguments(Index object_node) const noexcept {
    return items(object(object_node).arguments);
}

std::string Pickle::class_path(Index node) const {
    const Global names = kind(node) == Kind::Global ? global(node) : callable(node);
    return names.module.empty() ? std::string() : fmt::format("{}.{}", names.module, names.name);
}

bool Pickle::is_mapping(Index node) const noexcept {
    if (kind(node) == Kind::Mapping) return true;
    const Global names = callable(node);
    if (names.module != "collections") return false;
    if (names.name == "OrderedDict" || names.name == "defaultdict") return true;
    return names.name == "Counter" && arguments(node).size() == 1 && kind(arguments(node)[0]) == Kind::Mapping;
}

std::span<const Pickle::Index> Pickle::pairs(Index node) const noexcept {
    if (kind(node) == Kind::Mapping) return items(node);
    if (callable(node).name == "Counter") return items(arguments(node)[0]);
    return object(node).pairs;
}

Pickle::Index Pickle::find(Index mapping, std::string_view key) const noexcept {
    Index found = kNothing;
    const auto all = pairs(mapping);
    for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
        if (kind(all[i]) == Kind::String && text(all[i]) == key) found = all[i + 1];
    }
    return found;
}

}  // namespace yolovino::checkpoint
