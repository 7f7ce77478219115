#pragma once

#include <string>

namespace yolovino::data {

/// True for digits only: the index of a camera.
bool is_camera(const std::string& location);

/// True for http, https, rtsp, rtmp, and tcp.
bool is_url(const std::string& location);

/// True for http and https.
bool is_http(const std::string& location);

/// The path of a URL, without host, query, and fragment: `/a/b.jpg`.
std::string url_path(const std::string& url);

/// A URL for messages and file names: without query and fragment, a password replaced by `***`. Other text stays as it
/// is.
std::string url_for_display(const std::string& url);

}  // namespace yolovino::data
