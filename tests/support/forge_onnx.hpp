#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// ONNX files from raw protobuf fields, for files that no exporter would write.
namespace yolovino::test::forge {

inline std::string varint(std::uint64_t value) {
    std::string out;
    for (; value > 127; value >>= 7U) out += static_cast<char>((value & 127U) | 128U);
    return out + static_cast<char>(value);
}
inline std::string number_field(std::uint64_t field, std::uint64_t value) {
    return varint(field << 3U) + varint(value);
}
inline std::string bytes_field(std::uint64_t field, const std::string& bytes) {
    return varint(field << 3U | 2U) + varint(bytes.size()) + bytes;
}

/// A dimension of -1 is dynamic and has a name.
inline std::string onnx_tensor(const std::string& name, const std::vector<std::int64_t>& sides,
                               std::uint64_t element_type = 1) {
    std::string shape;
    for (const std::int64_t side : sides) {
        shape += bytes_field(1, side < 0 ? bytes_field(2, "open") : number_field(1, static_cast<std::uint64_t>(side)));
    }
    const std::string type = bytes_field(1, number_field(1, element_type) + bytes_field(2, shape));
    return bytes_field(1, name) + bytes_field(2, type);
}

struct Onnx {
    std::vector<std::pair<std::string, std::string>> properties = {};
    std::vector<std::string> inputs = {onnx_tensor("images", {1, 3, 640, 640})};
    std::vector<std::string> outputs = {onnx_tensor("output0", {1, 6, 8400})};

    std::string bytes() const {
        // A node and an initializer of odd sizes, to be stepped over.
        std::string graph = bytes_field(1, bytes_field(4, "Identity")) + bytes_field(2, "main_graph") +
                            bytes_field(5, std::string(300, 'w'));
        for (const std::string& input : inputs) graph += bytes_field(11, input);
        for (const std::string& output : outputs) graph += bytes_field(12, output);
        std::string out = number_field(1, 8) + bytes_field(2, "pytorch") + bytes_field(7, graph);
        for (const auto& [key, value] : properties) out += bytes_field(14, bytes_field(1, key) + bytes_field(2, value));
        return out + bytes_field(8, number_field(2, 17));
    }
};

}  // namespace yolovino::test::forge
