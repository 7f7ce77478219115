#pragma once

#include <string>
#include <string_view>

namespace yolovino::cli {

/// Where the library's information goes: to standard error when standard output carries data for another program.
enum class InfoStream { Output, Error };

/// Information as asked, warnings to standard error, debug lines only with YOLO_VERBOSE in the environment, progress
/// only on a terminal.
void connect_console(InfoStream info = InfoStream::Output);

/// From now on the library's warnings are printed once each. For work that reads the same dataset several times.
void drop_repeated_warnings();
/// One line that reports to another process of the command which warnings were printed.
std::string known_warnings();
void add_known_warnings(std::string_view line);

/// Removes the progress line, if one is there.
void clear_progress();

/// Writes a line that starts with `WARNING ⚠️ ` or `ERROR ❌ ` to standard error.
void print_warning(std::string_view text);
void print_error(std::string_view text);

/// Writes text as it is to standard output.
void print(std::string_view text);

/// Whether standard output has failed to take something.
bool output_failed();
/// Whether that was because nobody reads it any more.
bool pipe_broke();

/// Hands everything to the operating system. False if some of it could not be written.
bool flush_output();

}  // namespace yolovino::cli
