#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/message.hpp"

namespace yolovino::serve {

/// The request line and the fields of a request, before its body is read.
struct Head {
    std::string method;
    std::string target;
    unsigned version = 11;                                     ///< 10 or 11
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
};

/// Why a request is not answered as it asks.
struct Refusal {
    unsigned status;
    std::string message;
};

/// The value of a header; empty if there is none.
std::string_view header_of(const std::vector<std::pair<std::string, std::string>>& headers, std::string_view name);

/// What is wrong with a request before its body is read: lengths and codings that two readers could understand in two
/// ways, hosts, versions, and expectations. Nothing if it is right.
std::optional<Refusal> check_head(const Head& head);

/// The request without its body. A target in absolute form is taken if it names the host itself.
/// @return false if the target is none that is served
bool take_target(const Head& head, Request& request);

/// Whether a request that changes something comes from a page of this server, or from no page at all.
bool is_same_origin(const Request& request);

/// Whether `Accept-Encoding`-like lists such as `gzip, deflate;q=0.5` name a word.
bool lists_word(std::string_view list, std::string_view word);

}  // namespace yolovino::serve
