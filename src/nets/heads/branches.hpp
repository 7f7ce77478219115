#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/checkpoint.hpp"
#include "nets/types.hpp"

/// Heads that were trained with two branches: `cv2` and its kind give several boxes for an object, `one2one_cv2` and
/// its kind one. Fusing leaves one of them in a file.
namespace yolovino::nets {

inline constexpr std::string_view kOneToOne = "one2one_";

/// The name of a part of the branch that is used: `cv2` or `one2one_cv2`.
std::string part_name(const checkpoint::Module& head, const HeadForm& form, std::string_view part);

/// As unused_parts().
std::vector<const checkpoint::Module*> unused_parts_of_head(const checkpoint::Module& head, const HeadForm& form);

}  // namespace yolovino::nets
