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

/// The name of the file that a URL names, with its percent escapes read, as Ultralytics saves it: `bus stop.jpg` of
/// `http://host/a/bus%20stop.jpg?token=1`. It holds no slash, no control characters, and only UTF-8, and does not begin
/// with a dot. Empty if the path ends in a slash.
std::string url_file_name(const std::string& url);

/// A URL for messages: without query and fragment, a password replaced by `***`. Other text stays as it
/// is.
std::string url_for_display(const std::string& url);

}  // namespace yolovino::data
