#pragma once

#include <memory>
#include <string>

#include "data/frame.hpp"

namespace yolovino::data {

/// An image behind an http(s) URL, fetched into memory at the first call of next().
std::unique_ptr<FrameSource> open_url_image(const std::string& url, const SourceArgs& args);

/// A video behind an http(s) URL, fetched at the first call of next() into a temporary file that is removed with the
/// source.
std::unique_ptr<FrameSource> open_url_video(const std::string& url, const SourceArgs& args);

}  // namespace yolovino::data
