#include "serve/streams/stream_list.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "yolovino/error.hpp"

#include "options/text.hpp"
#include "serve/model_list.hpp"

namespace yolovino::serve {

namespace {

[[noreturn]] void refuse(std::string_view what, std::string_view item) {
    throw Error(ErrorCode::InvalidArgument, "serve",
                fmt::format("live: '{}' {}", options::safe(std::string(item)), what), {},
                "write live=NAME=SOURCE, several with commas; a name has letters, digits, - _ .");
}

/// The length of `NAME` where an item begins with `NAME=`; 0 if it does not.
std::size_t name_length(std::string_view item) {
    const std::size_t equals = item.find('=');
    return equals != std::string_view::npos && is_model_name(options::trim(item.substr(0, equals))) ? equals : 0;
}

}  // namespace

std::vector<NamedStream> parse_stream_list(std::string_view text) {
    std::vector<NamedStream> streams;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view item = rest.substr(0, comma);
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        const std::size_t length = name_length(item);
        if (length == 0) {
            if (streams.empty()) refuse("has no name", item);
            streams.back().source += "," + std::string(item);
            continue;
        }
        streams.push_back(
            {std::string(options::trim(item.substr(0, length))), std::string(options::trim(item.substr(length + 1)))});
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (streams[i].source.empty()) refuse("has no source", streams[i].name);
        const auto same = [&](const NamedStream& each) { return each.name == streams[i].name; };
        if (std::any_of(streams.begin(), streams.begin() + static_cast<std::ptrdiff_t>(i), same))
            refuse("is there twice", streams[i].name);
    }
    return streams;
}

}  // namespace yolovino::serve
