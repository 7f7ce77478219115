#include <filesystem>
#include <iostream>
#include <yolovino/yolovino.hpp>

#include "snippets.hpp"

namespace snippets {

// [docs]
bool is_safe_to_load(const std::filesystem::path& file) {
    const yolovino::AuditReport report = yolovino::audit(file);
    for (const yolovino::AuditedName& each : report.names) {
        if (each.verdict == yolovino::NameVerdict::Dangerous) std::cout << each.reason << '\n';
    }
    return report.verdict <= yolovino::NameVerdict::Harmless && report.followed();
}
// [/docs]

}  // namespace snippets
