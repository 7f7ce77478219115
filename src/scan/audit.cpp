#include "yolovino/audit.hpp"

#include "yolovino/error.hpp"

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "checkpoint/checkpoint.hpp"
#include "scan/auditor.hpp"

namespace yolovino {

std::string_view to_string(NameVerdict verdict) noexcept {
    switch (verdict) {
        case NameVerdict::Needed:
            return "needed";
        case NameVerdict::Harmless:
            return "harmless";
        case NameVerdict::Dangerous:
            return "dangerous";
        case NameVerdict::Unknown:
            break;
    }
    return "unknown";
}

AuditReport audit(const std::filesystem::path& path) {
    return base::api_call("audit", [&] {
        const base::RandomAccessFile file(path);
        AuditReport report = scan::Auditor(file).run();
        try {
            static_cast<void>(checkpoint::Checkpoint::open(path));
        } catch (const Error& error) {
            report.refusal = error.what();
        }
        return report;
    });
}

}  // namespace yolovino
