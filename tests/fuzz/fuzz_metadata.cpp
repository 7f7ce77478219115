#include "yolovino/error.hpp"

#include "fuzz/input.hpp"
#include "metadata/python_literal.hpp"
#include "metadata/syntax.hpp"

namespace yolovino {
namespace {

std::size_t count(const metadata::Value& value, int depth = 0) {
    fuzz::expect(depth <= metadata::Budget::kMaxDepth, "depth is capped");
    std::size_t total = 1;
    if (const auto* list = value.get<metadata::Value::List>()) {
        for (const auto& each : *list) total += count(each, depth + 1);
    }
    if (const auto* map = value.get<metadata::Value::Map>()) {
        for (const auto& [key, each] : *map) total += count(key, depth + 1) + count(each, depth + 1);
    }
    return total;
}

}  // namespace
}  // namespace yolovino

/// The first byte chooses the syntax. Only YAML, by its aliases, may make more values than the text has bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    if (size == 0) return 0;
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    try {
        switch (data[0] % 3) {
            case 0:
                fuzz::expect(count(metadata::parse_yaml(text, "input")) <= metadata::Budget::kMaxValues,
                             "values are capped");
                break;
            case 1:
                fuzz::expect(count(metadata::parse_json(text, "input")) <= text.size(), "each value has a byte");
                break;
            default:
                fuzz::expect(count(metadata::parse_python(text, "names", "input")) <= text.size(),
                             "each value has a byte");
        }
    } catch (const Error& error) {
        fuzz::expect(error.code() == ErrorCode::CorruptFile || error.code() == ErrorCode::LimitExceeded,
                     "metadata is refused with one of two codes");
    }
    return 0;
}
