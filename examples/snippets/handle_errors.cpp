#include <filesystem>
#include <iostream>
#include <optional>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
std::optional<yolovino::Model> open_model(const std::filesystem::path& path) {
    try {
        return yolovino::Model(path);
    } catch (const yolovino::Error& error) {
        if (error.code() != yolovino::ErrorCode::NotFound) throw;
        std::cerr << error.what() << '\n';  // one printable line with a hint
        return std::nullopt;
    }
}
// [/docs]

}  // namespace snippets
