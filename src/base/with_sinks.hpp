#pragma once

#include <utility>

#include "yolovino/log.hpp"

#include "base/log.hpp"

namespace yolovino::base {

/// Runs `body` with what it logs going to the sinks of the call, if there are any.
template <typename Body>
decltype(auto) with_sinks(const CallSinks& sinks, Body&& body) {
    if (!sinks.log && !sinks.progress) return std::forward<Body>(body)();
    CallLog log(sinks);
    const LogScope scope(&log);
    return std::forward<Body>(body)();
}

}  // namespace yolovino::base
