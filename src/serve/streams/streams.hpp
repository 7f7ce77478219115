#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "serve/generation.hpp"
#include "serve/message.hpp"
#include "serve/streams/feed.hpp"
#include "serve/streams/stream_list.hpp"

namespace yolovino::serve {

/// The sources that the server was started with, watched live. A request names one of them and never a source of its
/// own. Each is predicted once, whoever watches, with the first model. Thread-safe.
class Streams {
public:
    /// @param warn gets why a source failed, which may be for the owner of the server alone
    Streams(const std::vector<NamedStream>& streams, const Generations& generations,
            const std::function<void(std::string_view)>& warn);

    /// `GET /streams`, the names; `/streams/NAME.mjpg`, drawn images; `/streams/NAME/events`, lines of JSON as events.
    Response answer(const Request& request);

private:
    Response list() const;

    std::map<std::string, std::unique_ptr<Feed>> feeds_;
};

}  // namespace yolovino::serve
