#include "serve/predict/multipart.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "yolovino/error.hpp"

#include "options/text.hpp"
#include "serve/predict/query.hpp"

namespace yolovino::serve {

namespace {

using options::lower;
using options::trim;

constexpr std::string_view kLineEnd = "\r\n";

[[noreturn]] void fail(std::string_view what) {
    throw Error(ErrorCode::CorruptFile, "multipart", what);
}

/// `; name="a\"b"; filename=c` as pairs, names in lower case.
class Parameters {
public:
    explicit Parameters(std::string_view text) : text_(text) {}

    /// The next pair; nothing at the end. @throws Error CorruptFile
    std::optional<std::pair<std::string, std::string>> next() {
        skip_blanks();
        if (at_ == text_.size()) return std::nullopt;
        if (text_[at_] != ';') fail("a header has text where ';' was wanted");
        ++at_;
        const std::size_t equals = text_.find('=', at_);
        if (trim(text_.substr(at_)).empty()) return std::nullopt;
        if (equals == std::string_view::npos) fail("a header has a parameter without a value");
        std::string name = lower(trim(text_.substr(at_, equals - at_)));
        at_ = equals + 1;
        skip_blanks();
        return std::pair(std::move(name), at_ < text_.size() && text_[at_] == '"' ? quoted() : token());
    }

private:
    void skip_blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    }
    std::string token() {
        const std::size_t end = std::min(text_.find(';', at_), text_.size());
        const std::string_view value = trim(text_.substr(at_, end - at_));
        at_ = end;
        return std::string(value);
    }
    std::string quoted() {
        std::string value;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '"') {
                ++at_;
                return value;
            }
            // Other backslashes are of paths.
            const bool escapes =
                text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == '"' || text_[at_ + 1] == '\\');
            if (escapes) ++at_;
            value += text_[at_];
        }
        fail("a header has a quoted text without its end");
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

/// The text of `UTF-8''%C3%A4.jpg`.
std::string extended_value(std::string_view text) {
    const std::size_t first = text.find('\'');
    const std::size_t second = first == std::string_view::npos ? first : text.find('\'', first + 1);
    if (second == std::string_view::npos || lower(text.substr(0, first)) != "utf-8") fail("filename* is not in UTF-8");
    std::optional<std::string> value = percent_decode(text.substr(second + 1), false);
    if (!value) fail("filename* has a broken escape");
    return *std::move(value);
}

void take_disposition(std::string_view value, Part& part) {
    const std::size_t end = std::min(value.find(';'), value.size());
    if (lower(trim(value.substr(0, end))) != "form-data") fail("a part is not of a form");
    Parameters parameters(value.substr(end));
    bool is_named = false;
    std::optional<std::string> extended;
    while (auto parameter = parameters.next()) {
        if (parameter->first == "name") {
            part.name = std::move(parameter->second);
            is_named = true;
        } else if (parameter->first == "filename") {
            part.filename = std::move(parameter->second);
        } else if (parameter->first == "filename*") {
            extended = extended_value(parameter->second);
        }
    }
    if (!is_named) fail("a part has no name");
    if (extended) part.filename = std::move(extended);
}

Part take_headers(std::string_view headers) {
    Part part;
    bool has_disposition = false;
    while (!headers.empty()) {
        const std::size_t end = std::min(headers.find(kLineEnd), headers.size());
        const std::string_view line = headers.substr(0, end);
        headers.remove_prefix(std::min(end + kLineEnd.size(), headers.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) fail("a part has a header without a name");
        const std::string name = lower(line.substr(0, colon));
        const std::string_view value = trim(line.substr(colon + 1));
        if (name == "content-disposition") {
            if (std::exchange(has_disposition, true)) fail("a part has several Content-Disposition");
            take_disposition(value, part);
        } else if (name == "content-type") {
            part.content_type = lower(trim(value.substr(0, value.find(';'))));
        } else if (name == "content-transfer-encoding") {
            const std::string coding = lower(value);
            if (coding != "binary" && coding != "8bit" && coding != "7bit")
                fail("a part has a Content-Transfer-Encoding, wanted binary");
        }
    }
    if (!has_disposition) fail("a part has no Content-Disposition");
    return part;
}

struct Delimiter {
    std::size_t first;  ///< where the content before it ends
    std::size_t end;    ///< where what follows begins
    bool is_last;
};

/// The next line `--boundary` or `--boundary--` from a position on; the line end before it belongs to it.
Delimiter find_delimiter(std::string_view body, const std::string& mark, std::size_t from) {
    for (std::size_t at = body.find(mark, from); at != std::string_view::npos; at = body.find(mark, at + 1)) {
        const bool begins_line = at == 0 || (at >= 2 && body.substr(at - 2, 2) == kLineEnd);
        const std::size_t content_end = at >= 2 ? at - 2 : 0;
        if (!begins_line || (at > 0 && content_end < from && from != 0)) continue;
        std::size_t end = at + mark.size();
        if (body.substr(end, 2) == "--") return {.first = content_end, .end = end + 2, .is_last = true};
        while (end < body.size() && (body[end] == ' ' || body[end] == '\t')) ++end;
        if (body.substr(end, 2) == kLineEnd) return {.first = content_end, .end = end + 2, .is_last = false};
    }
    fail("the form has no end: a boundary is missing");
}

}  // namespace

std::optional<std::string> boundary_of(std::string_view content_type) {
    const std::size_t end = std::min(content_type.find(';'), content_type.size());
    if (lower(trim(content_type.substr(0, end))) != "multipart/form-data") return std::nullopt;
    Parameters parameters(content_type.substr(end));
    std::optional<std::string> boundary;
    while (auto parameter = parameters.next()) {
        if (parameter->first != "boundary") continue;
        if (boundary) fail("Content-Type has several boundaries");
        const std::string& text = parameter->second;
        static constexpr std::string_view kMarks = "'()+_,-./:=? ";
        const bool is_right = !text.empty() && text.size() <= kMostBoundaryBytes && text.back() != ' ' &&
                              std::ranges::all_of(text, [](char c) {
                                  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                         kMarks.find(c) != std::string_view::npos;
                              });
        if (!is_right) fail("the boundary is not 1 to 70 characters of RFC 2046");
        boundary = std::move(parameter->second);
    }
    if (!boundary) fail("Content-Type has no boundary");
    return boundary;
}

std::vector<Part> parse_multipart(std::string_view body, std::string_view boundary) {
    const std::string mark = fmt::format("--{}", boundary);
    std::vector<Part> parts;
    Delimiter delimiter = find_delimiter(body, mark, 0);
    while (!delimiter.is_last) {
        if (parts.size() == kMostParts)
            throw Error(ErrorCode::LimitExceeded, "multipart",
                        fmt::format("the form has more than {} parts", kMostParts));
        const std::size_t first = delimiter.end;
        const std::size_t blank = body.substr(first, kMostPartHeaderBytes).find("\r\n\r\n");
        if (blank == std::string_view::npos) {
            throw Error(ErrorCode::LimitExceeded, "multipart",
                        fmt::format("a part has no headers, or more than {} bytes of them", kMostPartHeaderBytes));
        }
        Part part = take_headers(body.substr(first, blank));
        const std::size_t content = first + blank + 4;
        delimiter = find_delimiter(body, mark, content);
        part.body = body.substr(content, delimiter.first - content);
        parts.push_back(std::move(part));
    }
    return parts;
}

}  // namespace yolovino::serve
