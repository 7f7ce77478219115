#include "data/download.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>

#include "yolovino/error.hpp"

#include "base/module_loader.hpp"

namespace yolovino::data {

std::unique_ptr<HttpSession> open_http_session(const std::string& url, bool allow_private) {
    static const auto function =
        reinterpret_cast<HttpSessionFunction>(base::load_module_symbol("net", "yolovino_http_session"));
    const char* allowed = std::getenv("YOLO_ALLOW_PRIVATE_URLS");
    const bool all = allow_private || (allowed != nullptr && std::string_view(allowed) == "1");
    return std::unique_ptr<HttpSession>(function(url, all));
}

void download(const std::string& url, const DownloadLimits& limits, const DownloadSink& sink) {
    open_http_session(url, limits.allow_private)
        ->get({.url = url, .limits = limits}, [&](std::span<const std::byte> piece, std::uint64_t) { sink(piece); });
}

std::vector<std::byte> download(const std::string& url, const DownloadLimits& limits) {
    std::vector<std::byte> body;
    download(url, limits,
             [&](std::span<const std::byte> piece) { body.insert(body.end(), piece.begin(), piece.end()); });
    return body;
}

void download_to_file(const std::string& url, const DownloadLimits& limits, const std::filesystem::path& file) {
    const auto check = [&](const std::ofstream& out) {
        if (!out)
            throw Error(ErrorCode::IoFailure, "url",
                        "cannot write the download: " + std::generic_category().message(errno),
                        {.file = file.string()});
    };
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    check(out);
    download(url, limits, [&](std::span<const std::byte> piece) {
        out.write(reinterpret_cast<const char*>(piece.data()), static_cast<std::streamsize>(piece.size()));
        check(out);
    });
    out.close();
    check(out);
}

}  // namespace yolovino::data
