#include <algorithm>

#include "yolovino/audit.hpp"
#include "yolovino/error.hpp"

#include "fuzz/input.hpp"

/// Any bytes: the audit refuses nothing, and its verdict is never better than what it shows.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    const fuzz::MemoryFile input(fuzz::text_of(data, size));
    try {
        const AuditReport report = audit(input.path());
        fuzz::expect(report.size_bytes == size, "the size is that of the file");
        fuzz::expect(std::ranges::is_sorted(report.names, std::greater<>(), &AuditedName::verdict),
                     "the worst names come first");
        fuzz::expect(report.names.empty() || report.verdict >= report.names.front().verdict,
                     "the verdict is at least that of the worst name");
        fuzz::expect(report.followed() || report.verdict >= NameVerdict::Unknown,
                     "what hides content is not called harmless");
        for (const AuditedName& each : report.names) {
            fuzz::expect(each.reason.empty() == (each.verdict <= NameVerdict::Harmless),
                         "what is not harmless has a reason");
        }
    } catch (const Error& error) {
        fuzz::expect(error.code() == ErrorCode::IoFailure, "only a file that cannot be read is an error");
    }
    return 0;
}
