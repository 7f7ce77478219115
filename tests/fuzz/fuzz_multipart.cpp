#include <vector>

#include "yolovino/error.hpp"

#include "fuzz/input.hpp"
#include "serve/predict/multipart.hpp"

/// The first line is a Content-Type, the rest the body. Parts lie within the body, in its order.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    const std::string_view text = fuzz::text_of(data, size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view body = text.substr(std::min(end + 1, text.size()));
    try {
        const auto boundary = serve::boundary_of(text.substr(0, end));
        if (!boundary) return 0;
        fuzz::expect(!boundary->empty() && boundary->size() <= serve::kMostBoundaryBytes, "a boundary has its length");
        const char* last = body.data();
        const std::vector<serve::Part> parts = serve::parse_multipart(body, *boundary);
        fuzz::expect(parts.size() <= serve::kMostParts, "there are not too many parts");
        for (const serve::Part& part : parts) {
            fuzz::expect(part.body.data() >= last && part.body.data() + part.body.size() <= body.data() + body.size(),
                         "parts lie in the body and do not overlap");
            fuzz::expect(part.body.find("\r\n--" + *boundary + "\r\n") == std::string_view::npos,
                         "no part has a boundary inside");
            last = part.body.data() + part.body.size();
        }
    } catch (const Error& error) {
        fuzz::expect(std::string_view(error.what()).find('\n') == std::string_view::npos, "a refusal is one line");
    }
    return 0;
}
