#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace yolovino::data {

struct DownloadLimits {
    std::uint64_t max_bytes = 0;  ///< of the body
    long connect_timeout_s = 10;
    long total_timeout_s = 600;
    long stall_timeout_s = 30;  ///< without a byte for so long, give up
    long max_redirects = 5;
    bool allow_private = false;  ///< public names and redirects may lead to private addresses
};

/// Receives the body piece by piece.
using DownloadSink = std::function<void(std::span<const std::byte>)>;

/// What the net module exports under the name `yolovino_download`.
using DownloadFunction = void (*)(const std::string& url, const DownloadLimits& limits, const DownloadSink& sink);

/// Fetches an http or https URL; redirects may lead to these two schemes only, and not to private addresses: see
/// AddressPolicy. YOLO_ALLOW_PRIVATE_URLS=1 in the environment allows these, too.
/// @throws Error NetworkFailure, LimitExceeded, MissingComponent; and whatever the sink throws
void download(const std::string& url, const DownloadLimits& limits, const DownloadSink& sink);

/// The whole body in memory.
std::vector<std::byte> download(const std::string& url, const DownloadLimits& limits);

/// Writes the body to a file, which is replaced. @throws Error IoFailure, and as above
void download_to_file(const std::string& url, const DownloadLimits& limits, const std::filesystem::path& file);

}  // namespace yolovino::data
