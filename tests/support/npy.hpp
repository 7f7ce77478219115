#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "base/file.hpp"

namespace yolovino::test {

/// An array of NumPy's file format: values in C order.
template <typename Element>
struct NpyArray {
    std::vector<std::size_t> shape;
    std::vector<Element> values;
};

/// Reads the bytes of a version 1 file of u8 or f32 values in C order; anything else throws.
template <typename Element>
NpyArray<Element> parse_npy(const std::vector<std::byte>& bytes, const std::string& name) {
    static_assert(std::is_same_v<Element, std::uint8_t> || std::is_same_v<Element, float>);
    constexpr std::size_t kPrefixBytes = 10;
    const auto fail = [&](const std::string& why) { throw std::runtime_error(name + ": " + why); };
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.size() < kPrefixBytes || !text.starts_with(std::string("\x93NUMPY\x01", 7)))
        fail("no npy file of version 1");
    const std::size_t header_bytes = static_cast<unsigned char>(text[8]) + 256U * static_cast<unsigned char>(text[9]);
    const std::string header = text.substr(kPrefixBytes, header_bytes);
    const char* const type = std::is_same_v<Element, float> ? "'<f4'" : "'|u1'";
    if (header.find(type) == std::string::npos) fail("elements are not " + std::string(type));
    if (header.find("'fortran_order': False") == std::string::npos) fail("not in C order");

    NpyArray<Element> array;
    const std::size_t open = header.find('(', header.find("'shape'"));
    std::istringstream sides(header.substr(open + 1, header.find(')', open) - open - 1));
    for (std::string side; std::getline(sides, side, ',');) {
        if (side.find_first_of("0123456789") != std::string::npos) array.shape.push_back(std::stoul(side));
    }
    const std::size_t count =
        std::accumulate(array.shape.begin(), array.shape.end(), std::size_t{1}, std::multiplies<>());
    if (text.size() != kPrefixBytes + header_bytes + count * sizeof(Element)) fail("size and shape disagree");
    array.values.resize(count);
    std::memcpy(array.values.data(), text.data() + kPrefixBytes + header_bytes, count * sizeof(Element));
    return array;
}

constexpr std::uint64_t kMaxArrayBytes = std::uint64_t{1} << 30U;

template <typename Element>
NpyArray<Element> read_npy(const std::filesystem::path& file) {
    return parse_npy<Element>(base::read_file(file, kMaxArrayBytes), file.string());
}

}  // namespace yolovino::test
