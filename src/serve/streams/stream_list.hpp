#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yolovino::serve {

struct NamedStream {
    std::string name;    ///< under which it is watched
    std::string source;  ///< as `yolo predict source=` takes it
};

/// The streams of `door=rtsp://…,yard=0`. A comma within a source belongs to it unless a name and `=` follow.
/// @throws Error InvalidArgument for names that are wrong or there twice, and for sources that are missing
std::vector<NamedStream> parse_stream_list(std::string_view text);

}  // namespace yolovino::serve
