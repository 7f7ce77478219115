#include "yolovino/error.hpp"

#include "base/bytes.hpp"
#include "checkpoint/parse_pickle.hpp"
#include "fuzz/input.hpp"
#include "fuzz/pickle_mutator.hpp"
#include "fuzz/rewrite_pickle.hpp"

namespace yolovino {

using checkpoint::Pickle;

namespace {

std::optional<Pickle> parse(std::string_view stream, std::vector<std::pair<std::size_t, char>>* trace = nullptr) {
    const base::Bytes bytes = base::as_bytes(stream);
    try {
        return checkpoint::parse_pickle({bytes.begin(), bytes.end()}, "input", 0,
                                        [&](std::size_t offset, std::uint8_t code) {
                                            if (trace != nullptr) trace->emplace_back(offset, static_cast<char>(code));
                                        });
    } catch (const Error& error) {
        fuzz::expect(error.code() == ErrorCode::CorruptFile || error.code() == ErrorCode::LimitExceeded ||
                         error.code() == ErrorCode::UnsupportedFile,
                     "a pickle is refused with one of three codes");
        return std::nullopt;
    }
}

}  // namespace
}  // namespace yolovino

/// What is accepted has the operations that an independent list finds, no more values than operations, and, written
/// anew, reads equal.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    const std::string_view stream = fuzz::text_of(data, size);
    std::vector<std::pair<std::size_t, char>> trace;
    const auto pickle = parse(stream, &trace);
    if (!pickle) return 0;
    const auto operations = test::list_operations(stream);
    fuzz::expect(operations.size() == trace.size() + 1, "as many operations are read as an independent list has");
    for (std::size_t i = 0; i < trace.size(); ++i) {
        fuzz::expect(operations[i + 1].offset == trace[i].first && operations[i + 1].code == trace[i].second,
                     "operations are read at the places where an independent list finds them");
    }
    fuzz::expect(pickle->node_count() <= operations.size() + 4, "each value has been paid for by an operation");
    const auto rewritten = fuzz::PickleRewriter(*pickle).run();
    if (!rewritten) return 0;
    // The rewritten pickle remembers every value, which may be more than it is granted.
    if (const auto again = parse(*rewritten))
        fuzz::expect(fuzz::same_values(*pickle, *again), "a rewritten pickle reads equal");
    return 0;
}
