#pragma once

#include "nets/heads/head.hpp"

namespace yolovino::nets {

HeadInfo read_detect(const checkpoint::Checkpoint& checkpoint, const checkpoint::Module& module,
                     const std::string& path);

/// One output `[N, 4 + classes, anchors]`: rows cx, cy, w, h in model pixels, then the class scores; or finished rows.
std::vector<HeadOutput> build_detect(Builder& builder, const checkpoint::Module& module, const std::string& path,
                                     const std::vector<graph::Value>& inputs);

std::optional<std::string> detect_arguments(const checkpoint::Module& module);

}  // namespace yolovino::nets
