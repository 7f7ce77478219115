#include "writers/torchscript/pickle_writer.hpp"

#include <cstring>
#include <limits>
#include <vector>

namespace yolovino::writers::torchscript {

PickleWriter& PickleWriter::raw(std::string_view opcodes) {
    bytes_ += opcodes;
    return *this;
}

template <typename T>
PickleWriter& PickleWriter::raw(std::string_view opcode, T value) {
    std::string little(sizeof(T), '\0');
    std::memcpy(little.data(), &value, sizeof(T));
    return raw(opcode).raw(little);
}

PickleWriter& PickleWriter::global(std::string_view module, std::string_view name) {
    return raw("c").raw(module).raw("\n").raw(name).raw("\n");
}

PickleWriter& PickleWriter::text(std::string_view value) {
    return raw("X", static_cast<std::uint32_t>(value.size())).raw(value);
}

PickleWriter& PickleWriter::integer(std::int64_t value) {
    if (value >= 0 && value <= std::numeric_limits<std::uint8_t>::max())
        return raw("K", static_cast<std::uint8_t>(value));
    if (value >= 0 && value <= std::numeric_limits<std::uint16_t>::max())
        return raw("M", static_cast<std::uint16_t>(value));
    if (value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max())
        return raw("J", static_cast<std::int32_t>(value));
    return raw("\x8a\x08", value);
}

PickleWriter& PickleWriter::boolean(bool value) {
    return raw(value ? "\x88" : "\x89");
}

PickleWriter& PickleWriter::tuple(std::span<const std::int64_t> values) {
    raw("(");
    for (const std::int64_t value : values) integer(value);
    return raw("t");
}

PickleWriter& PickleWriter::tensor(std::string_view key, std::string_view storage_type,
                                   std::span<const std::int64_t> shape) {
    std::vector<std::int64_t> strides(shape.size());
    std::int64_t count = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        strides[i] = count;
        count *= shape[i];
    }
    global("torch._utils", "_rebuild_tensor_v2").raw("((");
    text("storage").global("torch", storage_type).text(key).text("cpu").integer(count).raw("tQ");
    integer(0).tuple(shape).tuple(strides).boolean(false);
    return global("collections", "OrderedDict").raw(")RtR");
}

PickleWriter& PickleWriter::begin_object(std::string_view module, std::string_view name) {
    return global(module, name).raw(")\x81}(");
}
PickleWriter& PickleWriter::end_object() {
    return raw("ub");
}
PickleWriter& PickleWriter::empty_tuple() {
    return raw(")");
}

}  // namespace yolovino::writers::torchscript
