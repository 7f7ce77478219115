#pragma once

#include <functional>

#include "yolovino/results.hpp"

namespace yolovino::engine {

/// The results of the next picture; nothing at the end.
using NextPicture = std::function<const Results*()>;

/// Calls `body` with what two sides found in each picture.
/// @throws Error RuntimeFailure if one side ends earlier, or the pictures are not the same: one side may have skipped
/// what it could not compute
void for_each_pair(const NextPicture& first, const NextPicture& second,
                   const std::function<void(const Results&, const Results&)>& body);

}  // namespace yolovino::engine
