#pragma once

#include <cstdint>
#include <string>

namespace yolovino::vision::module {

/// As VideoReader::whole_frame_count(). @param stated what OpenCV takes for the number of frames
std::int64_t whole_frame_count(const std::string& file, std::int64_t stated);

}  // namespace yolovino::vision::module
