#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "yolovino/audit.hpp"

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "scan/archive.hpp"
#include "scan/stream.hpp"

namespace yolovino::scan {

/// Scans all bytes of a file for pickles, and collects the names, tensors, and anomalies.
class Auditor {
public:
    explicit Auditor(const base::RandomAccessFile& file) : file_(file) {}

    /// @throws Error IoFailure
    AuditReport run();

private:
    /// The location of scanned bytes: the entry, and the offset of the first byte in messages.
    struct Place {
        std::string entry;
        std::uint64_t offset = 0;
    };

    void scan_prefix(std::uint64_t count);
    void scan_tar();
    void scan_entry(Entry& entry);
    void scan_stored_entry(const Entry& entry);
    void scan_deflated_entry(const Entry& entry);
    void scan_range(const Place& place, std::uint64_t offset, std::uint64_t count);
    void scan_content(const Entry& entry, base::Bytes bytes);
    bool scan_pickles(const Place& place, base::Bytes bytes);
    bool starts_pickle(const Place& place, base::Bytes bytes);
    /// Finds pickles, and names in parts of pickles, among other bytes.
    void carve(const Place& place, base::Bytes bytes);
    void carve_streams(const Place& place, base::Bytes bytes);
    void carve_names(const Place& place, base::Bytes bytes);
    void carve_texts(const Place& place, base::Bytes bytes);
    bool has_carve_budget(const Place& place, std::uint64_t offset);
    /// Takes the operations of a stream that was found among other bytes from the budget for all such streams.
    void charge_carving(const Place& place, const Stream& stream);
    void add_dangerous_name(const Place& place, const std::string& module, const std::string& name,
                            std::string_view reason);
    void add_findings(const Place& place, const Stream& stream);
    void scan_nested(const Place& place, const Stream& stream);
    AuditedName& find_or_add_name(const Place& place, const std::string& module, const std::string& name,
                                  std::uint64_t offset);
    void report_anomaly(const Place& place, std::uint64_t offset, std::string text, Severity severity = Severity::Note);
    bool reserve_read(std::uint64_t count);
    void report_programs();
    void summarize(bool has_entries);

    const base::RandomAccessFile& file_;
    AuditReport report_;
    std::map<std::pair<std::string, std::string>, std::size_t> by_name_;
    std::uint64_t read_budget_ = 0;
    std::uint64_t carve_budget_ = 0;
    std::uint64_t operations_left_ = 0;
    bool carve_limit_reported_ = false;
    bool name_limit_reported_ = false;
    bool understood_pickle_ = false;
    bool is_legacy_ = false;
    bool is_tar_ = false;
    int depth_ = 0;
};

}  // namespace yolovino::scan
