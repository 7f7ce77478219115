#pragma once

#include <memory>

#include "tracking/settings.hpp"
#include "tracking/tracker.hpp"

namespace yolovino::tracking {

/// @param rotated whether boxes have angles
std::unique_ptr<Tracker> make_tracker(const Settings& settings, bool rotated);

}  // namespace yolovino::tracking
