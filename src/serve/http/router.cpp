#include "serve/http/router.hpp"

#include <algorithm>

namespace yolovino::serve {

namespace {

/// Takes a part of a path and the slash behind it from the front.
std::string_view take_part(std::string_view& path) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    return part;
}

/// A slash at the end is overlooked.
bool takes_parts(std::string_view pattern, std::string_view path) {
    while (!pattern.empty()) {
        const std::string_view wanted = take_part(pattern);
        const std::string_view part = take_part(path);
        if (wanted == "{}" ? part.empty() : part != wanted) return false;
    }
    return path.empty();
}

bool takes(const Route& route, std::string_view path) {
    const std::string_view pattern = route.path;
    if (pattern.find("{}") != std::string_view::npos) return takes_parts(pattern, path);
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
