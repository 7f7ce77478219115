#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/message.hpp"

namespace yolovino::serve {

/// Where a handler runs: Quick ones on the thread of the network, where they must not compute; Work in the queue.
enum class Cost { Quick, Work };

struct Route {
    std::string method;  ///< `GET`, which answers HEAD, too, or `POST`
    std::string path;    ///< `/predict`; with `*` at its end all paths that begin so; `{}` is any one part
    std::string api;     ///< as metrics and the access log name it
    Cost cost = Cost::Quick;
    bool open = false;  ///< needs no token
    std::function<Response(const Request&)> handle;
};

/// Finds who answers a request. Thread-safe when all routes are there.
class Router {
public:
    void add(Route route) { routes_.push_back(std::move(route)); }

    /// The route of a path, the longest one; null if there is none.
    const Route* find(std::string_view method, std::string_view path) const;
    /// The methods of a path, `GET, HEAD, POST`; empty if there is no such path.
    std::string methods_of(std::string_view path) const;

private:
    std::vector<Route> routes_;
};

}  // namespace yolovino::serve
