#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "yolovino/audit.hpp"

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "scan/archive.hpp"
#include "scan/stream.hpp"

namespace yolovino::scan {

/// Looks into everything that a file holds and collects what is found.
class Auditor {
public:
    explicit Auditor(const base::RandomAccessFile& file) : file_(file) {}

    /// @throws Error IoFailure
    AuditReport run();

private:
    /// Where bytes came from: their entry, and the offset that the first of them has in messages.
    struct Place {
        std::string entry;
        std::uint64_t offset = 0;
    };

    void look_into(Entry& entry);
    void look_into_stored(const Entry& entry);
    void look_into_deflated(const Entry& entry);
    void look_into_range(const Place& place, std::uint64_t offset, std::uint64_t count);
    void look_into_bytes(const Place& place, base::Bytes bytes, bool is_pickle);
    void follow_streams(const Place& place, base::Bytes bytes);
    void carve(const Place& place, base::Bytes bytes);
    void carve_streams(const Place& place, base::Bytes bytes);
    void carve_names(const Place& place, base::Bytes bytes);
    void collect(const Place& place, const Stream& stream);
    void follow_nested(const Place& place, const Stream& stream);
    AuditedName& name_of(const Place& place, const std::string& module, const std::string& name, std::uint64_t offset);
    void odd(const Place& place, std::uint64_t offset, std::string text, bool hides = false);
    bool may_read(std::uint64_t count);
    void finish(bool has_entries);

    const base::RandomAccessFile& file_;
    AuditReport report_;
    std::map<std::pair<std::string, std::string>, std::size_t> by_name_;
    std::uint64_t read_budget_ = 0;
    std::uint64_t carve_budget_ = 0;
    bool carved_out_ = false;
    bool crowded_ = false;
    bool whole_stream_ = false;
    bool legacy_ = false;
    int depth_ = 0;
};

}  // namespace yolovino::scan
