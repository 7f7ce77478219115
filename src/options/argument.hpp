#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "options/value.hpp"

namespace yolovino::options {

/// One `key=value` as it was written.
struct Argument {
    std::string key;
    std::string raw;
    Value value;
    bool from_file = false;
};

/// What was typed is wrong; each line is one complaint.
class UsageError : public std::runtime_error {
public:
    explicit UsageError(const std::string& line) : UsageError(std::vector<std::string>{line}) {}
    explicit UsageError(std::vector<std::string> lines)
        : std::runtime_error(lines.empty() ? std::string() : lines.front()), lines_(std::move(lines)) {}
    const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
    std::vector<std::string> lines_;
};

}  // namespace yolovino::options
