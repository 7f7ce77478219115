#include "scan/name_table.hpp"

namespace yolovino::scan {

namespace {

constexpr std::size_t kMaxNames = 10'000;
constexpr std::size_t kMaxNameBytes = 256;
constexpr std::uint64_t kNameBytes = 512;

}  // namespace

void ImportedName::raise(NameVerdict worse, std::string_view why) noexcept {
    if (worse <= verdict) return;
    verdict = worse;
    reason = why;
}

std::optional<NameTable::Reference> NameTable::refer(std::string_view module, std::string_view name) {
    if (module.size() > kMaxNameBytes || name.size() > kMaxNameBytes) {
        // A text of megabytes may be named again and again.
        remarks_.add("a class name is too long to be shown in full", true);
        module = module.substr(0, kMaxNameBytes);
        name = name.substr(0, kMaxNameBytes);
    }
    const std::pair key{std::string(module), std::string(name)};
    if (const auto known = known_.find(key); known != known_.end()) {
        ++names_[known->second.name].uses;
        return known->second;
    }
    if (names_.size() >= kMaxNames || !pay(kNameBytes + 4 * (module.size() + name.size()))) {
        remarks_.add("the stream names more classes than are followed", true);
        return std::nullopt;
    }
    const Judgement judgement = judge(module, name);
    const Reference made{names_.next_id(), values_.add_name(names_.next_id())};
    names_.add({.module = key.first,
                .name = key.second,
                .verdict = judgement.verdict,
                .reason = judgement.reason,
                .offset = remarks_.offset(),
                .uses = 1});
    if (made.node != ValueArena::kUnknown) known_.emplace(key, made);
    return made;
}

bool NameTable::pay(std::uint64_t bytes) {
    if (values_.pay_without_remark(bytes)) return true;
    if (reserve_bytes_ < bytes) return false;
    reserve_bytes_ -= bytes;
    return true;
}

}  // namespace yolovino::scan
