#pragma once

#include <cstdint>
#include <onnx/onnx_pb.h>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace yolovino::writers::onnx {

using Names = std::vector<std::string>;
using Integers = std::vector<std::int64_t>;

/// Sets attributes of a node.
class Attributes {
public:
    explicit Attributes(::onnx::NodeProto& node) : node_(node) {}
    Attributes& set(const char* name, std::int64_t value) {
        add(name, ::onnx::AttributeProto::INT).set_i(value);
        return *this;
    }
    Attributes& set(const char* name, float value) {
        add(name, ::onnx::AttributeProto::FLOAT).set_f(value);
        return *this;
    }
    Attributes& set(const char* name, const char* value) {
        add(name, ::onnx::AttributeProto::STRING).set_s(value);
        return *this;
    }
    Attributes& set(const char* name, const Integers& values) {
        ::onnx::AttributeProto& attribute = add(name, ::onnx::AttributeProto::INTS);
        for (const std::int64_t value : values) attribute.add_ints(value);
        return *this;
    }

private:
    ::onnx::AttributeProto& add(const char* name, ::onnx::AttributeProto::AttributeType type) {
        ::onnx::AttributeProto& attribute = *node_.add_attribute();
        attribute.set_name(name);
        attribute.set_type(type);
        return attribute;
    }
    ::onnx::NodeProto& node_;
};

/// The element type of ONNX for a C++ type; halves travel as std::uint16_t.
template <typename T>
constexpr ::onnx::TensorProto::DataType element_type() {
    using ::onnx::TensorProto;
    if constexpr (std::is_same_v<T, float>) return TensorProto::FLOAT;
    if constexpr (std::is_same_v<T, std::uint16_t>) return TensorProto::FLOAT16;
    if constexpr (std::is_same_v<T, std::int64_t>) return TensorProto::INT64;
    if constexpr (std::is_same_v<T, std::int32_t>) return TensorProto::INT32;
    if constexpr (std::is_same_v<T, std::int8_t>) return TensorProto::INT8;
    if constexpr (std::is_same_v<T, std::uint8_t>) return TensorProto::UINT8;
    return TensorProto::UNDEFINED;
}

/// Adds nodes and constants to a graph of ONNX.
class Nodes {
public:
    explicit Nodes(::onnx::GraphProto& out) : out_(out) {}

    ::onnx::NodeProto& add(const char* type, const std::string& name, const Names& inputs, const Names& outputs) {
        ::onnx::NodeProto& node = *out_.add_node();
        node.set_op_type(type);
        node.set_name(name);
        for (const std::string& input : inputs) node.add_input(input);
        for (const std::string& output : outputs) node.add_output(output);
        return node;
    }
    Attributes emit(const char* type, const std::string& name, const Names& inputs) {
        return emit(type, name, inputs, name);
    }
    Attributes emit(const char* type, const std::string& name, const Names& inputs, const std::string& output) {
        return Attributes(add(type, name, inputs, {output}));
    }
    /// A node without attributes; its only result has its name.
    std::string plain(const char* type, const std::string& name, const Names& inputs) {
        add(type, name, inputs, {name});
        return name;
    }

    /// A constant; one that has been added under the name before is taken for the same.
    template <typename T>
    std::string constant(const std::string& name, const std::vector<T>& values, const Integers& shape) {
        static_assert(element_type<T>() != ::onnx::TensorProto::UNDEFINED);
        if (!constants_.insert(name).second) return name;
        ::onnx::TensorProto& tensor = *out_.add_initializer();
        tensor.set_name(name);
        for (const std::int64_t dim : shape) tensor.add_dims(dim);
        tensor.set_data_type(element_type<T>());
        tensor.set_raw_data(values.data(), values.size() * sizeof(T));
        return name;
    }

private:
    ::onnx::GraphProto& out_;
    std::set<std::string> constants_;
};

}  // namespace yolovino::writers::onnx
