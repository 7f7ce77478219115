#include "engine/model/remote_model.hpp"

#include <fmt/format.h>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "data/location.hpp"
#include "data/net/http_session.hpp"
#include "metadata/python_literal.hpp"
#include "runtime/remote/network.hpp"

namespace yolovino::engine {

namespace fs = std::filesystem;

namespace {

/// Answers to one batch; the outputs of a segmentation take most.
constexpr std::uint64_t kMaxAnswerBytes = 1ULL << 30U;
constexpr long kStallS = 120;

class Connection final : public runtime::RemoteConnection {
public:
    explicit Connection(std::string root) : root_(std::move(root)), session_(data::open_http_session(root_)) {}

    runtime::RemoteAnswer get(const std::string& path) override {
        return answer_of(session_->exchange(request(path), {}));
    }

    runtime::RemoteAnswer post(const std::string& path, std::size_t json_bytes, std::string_view body) override {
        data::HttpRequest request = this->request(path);
        request.headers = {"Content-Type: application/octet-stream",
                           fmt::format("Inference-Header-Content-Length: {}", json_bytes)};
        return answer_of(session_->exchange(request, body));
    }

private:
    data::HttpRequest request(const std::string& path) const {
        return {.url = root_ + path,
                .limits = {.max_bytes = kMaxAnswerBytes, .stall_timeout_s = kStallS, .max_redirects = 0}};
    }

    static runtime::RemoteAnswer answer_of(data::HttpAnswer answer) {
        runtime::RemoteAnswer out{.status = answer.status, .header_length = {}, .retry_after = {}, .body = {}};
        for (auto& [name, value] : answer.headers) {
            if (name == "inference-header-content-length") out.header_length = value;
            if (name == "retry-after") out.retry_after = value;
        }
        out.body = std::move(answer.body);
        return out;
    }

    std::string root_;
    std::unique_ptr<data::HttpSession> session_;
};

}  // namespace

runtime::RemotePlace remote_place(const fs::path& url) {
    const std::string text = url.string();
    const auto refuse = [&](const std::string& why) {
        throw Error(ErrorCode::InvalidArgument, "model", why, {.file = data::url_for_display(text)},
                    "give http://host:8000/NAME");
    };
    const std::size_t host = text.find("://") + 3;
    const std::size_t slash = text.find('/', host);
    if (slash == host || text.find_first_of("?#", host) != std::string::npos) refuse("this is no address of a model");
    std::string root = text.substr(0, slash);
    std::string rest = slash == std::string::npos ? std::string() : text.substr(slash + 1);
    while (rest.ends_with('/')) rest.pop_back();
    constexpr std::string_view kModels = "v2/models/";
    if (const std::size_t at = rest.find(kModels); at != std::string::npos && (at == 0 || rest[at - 1] == '/')) {
        if (at > 0) root += "/" + rest.substr(0, at - 1);
        rest = rest.substr(at + kModels.size());
    } else if (const std::size_t task = rest.find('/'); task != std::string::npos) {
        rest = rest.substr(0, task);
    }
    if (rest.empty()) refuse("the address names no model");
    return {.url = data::url_for_display(text), .path = fmt::format("/v2/models/{}", rest), .connect = [root] {
                return std::make_unique<Connection>(root);
            }};
}

ExportInfo describe_remote(const fs::path& url) {
    const runtime::RemotePlace place = remote_place(url);
    const runtime::RemoteDescription model = runtime::describe_remote_model(place);
    std::optional<metadata::Value> tree;
    if (const std::optional<std::string> literal = runtime::remote_metadata(place)) {
        tree = metadata::parse_python(*literal, "metadata", place.url);
    } else if (!model.labels.empty()) {
        metadata::Value::List names;
        for (const std::string& label : model.labels) names.push_back({label});
        tree = metadata::Value{metadata::Value::Map{{{std::string("names")}, {std::move(names)}}}};
    }
    return describe_metadata(tree, place.url, ModelFormat::Remote, model.signature);
}

std::string http_version() {
    return {};
}

}  // namespace yolovino::engine
