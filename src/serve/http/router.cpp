#include "serve/http/router.hpp"

#include <algorithm>

namespace yolovino::serve {

namespace {

bool takes(const Route& route, std::string_view path) {
    const std::string_view pattern = route.path;
    if (!pattern.ends_with('*')) return pattern == path;
    return path.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

const Route* Router::find(std::string_view method, std::string_view path) const {
    const std::string_view wanted = method == "HEAD" ? std::string_view("GET") : method;
    const Route* best = nullptr;
    for (const Route& route : routes_) {
        if (route.method != wanted || !takes(route, path)) continue;
        if (best == nullptr || route.path.size() > best->path.size()) best = &route;
    }
    return best;
}

std::string Router::methods_of(std::string_view path) const {
    std::string methods;
    for (const char* method : {"GET", "POST"}) {
        if (find(method, path) == nullptr) continue;
        methods += methods.empty() ? "" : ", ";
        methods += method == std::string_view("GET") ? "GET, HEAD" : method;
    }
    return methods;
}

}  // namespace yolovino::serve
