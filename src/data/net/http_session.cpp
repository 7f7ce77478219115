#include "data/net/http_session.hpp"

#include <cstdlib>
#include <string_view>

#include "base/module_loader.hpp"

namespace yolovino::data {

std::unique_ptr<HttpSession> open_http_session(const std::string& url, bool allow_private) {
    static const auto function =
        reinterpret_cast<HttpSessionFunction>(base::load_module_symbol("net", "yolovino_http_session"));
    const char* allowed = std::getenv("YOLO_ALLOW_PRIVATE_URLS");
    const bool all = allow_private || (allowed != nullptr && std::string_view(allowed) == "1");
    return std::unique_ptr<HttpSession>(function(url, all));
}

}  // namespace yolovino::data
