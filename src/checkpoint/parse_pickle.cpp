#include "checkpoint/parse_pickle.hpp"

#include <utility>

namespace yolovino::checkpoint {

Pickle parse_pickle(std::vector<std::byte> bytes, const std::string& file, std::uint64_t offset,
                    const PickleTrace& trace) {
    return PickleMachine(std::move(bytes), file, offset, trace).run();
}

Pickle parse_legacy_pickle(std::vector<std::byte> bytes, const std::string& file, std::uint64_t offset) {
    static const PickleTrace kNoTrace;
    return PickleMachine(std::move(bytes), file, offset, kNoTrace, PickleMachine::ClassIds::Read).run();
}

}  // namespace yolovino::checkpoint
