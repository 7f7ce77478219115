#include <algorithm>

#include "yolovino/error.hpp"

#include "fuzz/input.hpp"
#include "options/argument.hpp"
#include "serve/http/content_coding.hpp"
#include "serve/http/head.hpp"
#include "serve/model_list.hpp"
#include "serve/predict/query.hpp"
#include "serve/predict/request_options.hpp"

namespace {

using namespace yolovino;

/// Lines `name: value` after the target, up to an empty one.
serve::Head head_of(std::string_view& text) {
    serve::Head head;
    head.method = "POST";
    const auto line = [&] {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view taken = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        return taken;
    };
    head.target = line();
    for (std::string_view each = line(); !each.empty(); each = line()) {
        const std::size_t colon = std::min(each.find(':'), each.size());
        const std::string_view value = each.substr(std::min(colon + 1, each.size()));
        head.headers.emplace_back(each.substr(0, colon), value);
    }
    return head;
}

void expect_plain(const std::string& path) {
    fuzz::expect(path.starts_with('/') && path.find('\0') == std::string::npos, "a path is absolute");
    fuzz::expect((path + "/").find("/../") == std::string::npos && (path + "/").find("/./") == std::string::npos,
                 "a path leads nowhere else");
}

void unpack(const serve::Head& head, std::string_view body) {
    constexpr std::size_t kLimit = 1 << 20;
    try {
        const std::string whole =
            serve::decode_content(serve::header_of(head.headers, "content-encoding"), body, kLimit);
        fuzz::expect(whole.size() <= std::max(kLimit, body.size()), "the limit is kept");
    } catch (const Error& error) {
        fuzz::expect(error.code() == ErrorCode::CorruptFile || error.code() == ErrorCode::LimitExceeded,
                     "a body is damaged or too large");
    }
}

}  // namespace

/// A target, headers, and a body: what follows the network before a handler sees it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::text_of(data, size);
    const serve::Head head = head_of(text);
    if (const auto refusal = serve::check_head(head)) {
        fuzz::expect(refusal->status >= 400 && refusal->status < 600 && !refusal->message.empty(),
                     "a refusal says why");
        return 0;
    }
    serve::Request request;
    if (serve::take_target(head, request)) {
        expect_plain(request.path);
        static_cast<void>(serve::is_same_origin(request));
        try {
            static_cast<void>(serve::apply_request_options(request.query, {}));
        } catch (const options::UsageError& error) {
            fuzz::expect(!std::string_view(error.what()).empty(), "a refusal says why");
        }
    }
    if (const auto target = serve::parse_target(head.target)) expect_plain(target->path);
    unpack(head, text);
    try {
        for (const serve::NamedModel& model : serve::parse_model_list(text))
            fuzz::expect(serve::is_model_name(model.name), "a model has a name that can stand in an address");
    } catch (const Error&) {
    }
    return 0;
}
