#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "documents/origin.hpp"

namespace yolovino::documents {

/// What a line of a list, or a cell of a CSV file, says.
struct ListEntry {
    std::string text;
    std::size_t line = 0;  ///< from 1
};

/// The lines of a list without the spaces around them; blank ones are left out. Names of files may be any bytes, so
/// that the text need not be UTF-8.
/// @throws Error CorruptFile for UTF-16
std::vector<ListEntry> read_list(std::string_view text, const Origin& origin);

/// The cells of a CSV file in the dialect of Excel: fields between commas, quotes that are doubled within quotes. If
/// the first row has a cell `source`, it is a header, and that column alone counts; without one, all columns count.
/// @throws Error CorruptFile for UTF-16
std::vector<ListEntry> read_csv(std::string_view text, const Origin& origin);

}  // namespace yolovino::documents
