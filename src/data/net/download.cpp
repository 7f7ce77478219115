#include "data/net/download.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "yolovino/error.hpp"

namespace yolovino::data {

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
