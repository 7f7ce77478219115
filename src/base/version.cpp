#include "yolovino/version.hpp"

namespace yolovino {

std::string_view version() noexcept {
    return YOLOVINO_VERSION_STRING;
}

}  // namespace yolovino
