#pragma once

#include <string>

#include "yolovino/audit.hpp"

namespace yolovino::cli {

/// What an audit found, for people.
std::string audit_page(const AuditReport& report);

/// The same for programs.
std::string audit_json(const AuditReport& report);

}  // namespace yolovino::cli
