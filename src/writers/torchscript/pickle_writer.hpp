#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace yolovino::writers::torchscript {

/// Writes pickle protocol 2, the few opcodes of a TorchScript archive. Each member appends what leaves one value on the
/// stack, or what acts on it.
class PickleWriter {
public:
    PickleWriter& global(std::string_view module, std::string_view name);
    PickleWriter& text(std::string_view value);
    PickleWriter& integer(std::int64_t value);
    PickleWriter& boolean(bool value);
    PickleWriter& tuple(std::span<const std::int64_t> values);
    /// A contiguous tensor over the storage `key`, whose bytes lie in the entry `data/<key>`.
    PickleWriter& tensor(std::string_view key, std::string_view storage_type, std::span<const std::int64_t> shape);

    /// An object of a class with a dict of attributes, which `end_object` closes.
    PickleWriter& begin_object(std::string_view module, std::string_view name);
    PickleWriter& end_object();
    PickleWriter& empty_tuple();

    /// The whole stream.
    std::string finish() const { return bytes_ + '.'; }

private:
    template <typename T>
    PickleWriter& raw(std::string_view opcode, T value);
    PickleWriter& raw(std::string_view opcodes);

    std::string bytes_ = "\x80\x02";
};

}  // namespace yolovino::writers::torchscript
