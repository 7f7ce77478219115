#pragma once

#include <cstdint>
#include <limits>
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

/// Looks into everything that a file holds and collects what is found.
class Auditor {
public:
    explicit Auditor(const base::RandomAccessFile& file) : file_(file) {}

    /// @throws Error IoFailure
    AuditReport run();

private:
    static constexpr std::uint64_t kAsFarAsItGoes = std::numeric_limits<std::uint64_t>::max();

    /// Where bytes came from: their entry, and the offset that the first of them has in messages.
    struct Place {
        std::string entry;
        std::uint64_t offset = 0;
    };

    void look_into_front(std::uint64_t count);
    void look_into_tar();
    void look_into(Entry& entry);
    void look_into_stored(const Entry& entry);
    void look_into_deflated(const Entry& entry);
    void look_into_range(const Place& place, std::uint64_t offset, std::uint64_t count);
    void look_into_content(const Entry& entry, base::Bytes bytes);
    bool follow_streams(const Place& place, base::Bytes bytes);
    Stream follow(base::Bytes bytes);
    bool starts_pickle(const Place& place, base::Bytes bytes);
    void carve(const Place& place, base::Bytes bytes);
    void carve_streams(const Place& place, base::Bytes bytes);
    void carve_names(const Place& place, base::Bytes bytes);
    void carve_texts(const Place& place, base::Bytes bytes);
    bool may_carve(const Place& place, std::uint64_t offset);
    /// Follows what may be no stream at all, for as long as the budget of all such streams lasts.
    Stream try_stream(const Place& place, base::Bytes bytes, std::uint64_t max_operations = kAsFarAsItGoes);
    void note_dangerous(const Place& place, const std::string& module, const std::string& name,
                        std::string_view reason);
    void collect(const Place& place, const Stream& stream);
    void follow_nested(const Place& place, const Stream& stream);
    AuditedName& name_of(const Place& place, const std::string& module, const std::string& name, std::uint64_t offset);
    void odd(const Place& place, std::uint64_t offset, std::string text, Gravity gravity = Gravity::Note);
    bool may_read(std::uint64_t count);
    void note_programs();
    void finish(bool has_entries);

    const base::RandomAccessFile& file_;
    AuditReport report_;
    std::map<std::pair<std::string, std::string>, std::size_t> by_name_;
    std::uint64_t read_budget_ = 0;
    std::uint64_t carve_budget_ = 0;
    std::uint64_t operations_left_ = 0;
    bool carved_out_ = false;
    bool crowded_ = false;
    bool whole_stream_ = false;
    bool legacy_ = false;
    bool tar_ = false;
    int depth_ = 0;
};

}  // namespace yolovino::scan
