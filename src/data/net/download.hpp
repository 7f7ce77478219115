#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "data/net/http_session.hpp"

namespace yolovino::data {

/// Receives the body piece by piece.
using DownloadSink = std::function<void(std::span<const std::byte>)>;

/// Fetches an http or https URL; redirects may lead to these two schemes only, and not to private addresses: see
/// AddressPolicy. YOLO_ALLOW_PRIVATE_URLS=1 in the environment allows these, too.
/// @throws Error NetworkFailure, LimitExceeded, MissingComponent; and whatever the sink throws
void download(const std::string& url, const DownloadLimits& limits, const DownloadSink& sink);

/// The whole body in memory.
std::vector<std::byte> download(const std::string& url, const DownloadLimits& limits);

/// Writes the body to a file, which is replaced. @throws Error IoFailure, and as above
void download_to_file(const std::string& url, const DownloadLimits& limits, const std::filesystem::path& file);

}  // namespace yolovino::data
