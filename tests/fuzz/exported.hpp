#pragma once

#include "yolovino/error.hpp"

#include "engine/model/export_info.hpp"
#include "fuzz/input.hpp"

namespace yolovino::fuzz {

/// What is read back from an exported file of that name describes a detection network within the caps.
inline void describe(const char* name, const std::uint8_t* data, std::size_t size) {
    static const Scratch scratch;
    const auto file = scratch.write(name, text_of(data, size));
    try {
        const ModelInfo info = engine::describe_export(file, engine::format_of(file)).info;
        expect(info.names.size() <= 65'536, "what is accepted has names that can be listed");
        expect(info.imgsz.height >= 0 && info.imgsz.width >= 0, "sides are counts");
    } catch (const Error& error) {
        expect(error.code() != ErrorCode::IoFailure, "the file itself can be read");
    }
}

}  // namespace yolovino::fuzz
