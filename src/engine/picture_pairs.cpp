#include "engine/picture_pairs.hpp"

#include <cstddef>
#include <fmt/format.h>

#include "base/fail.hpp"

namespace yolovino::engine {

void for_each_pair(const NextPicture& first, const NextPicture& second,
                   const std::function<void(const Results&, const Results&)>& body) {
    const auto fail = [](const std::string& message) {
        throw Error(ErrorCode::RuntimeFailure, "agree", message, {},
                    "the source must give both sides the same pictures");
    };
    for (std::size_t count = 0;; ++count) {
        const Results* one = first();
        const Results* other = second();
        if (one == nullptr && other == nullptr) return;
        if (one == nullptr || other == nullptr) {
            fail(fmt::format("the {} side ended after {} pictures, the other one goes on with {}",
                             one == nullptr ? "first" : "second", count,
                             base::printable((one == nullptr ? other : one)->path)));
        }
        if (one->path != other->path) {
            fail(fmt::format("the sides are at different pictures, {} and {}", base::printable(one->path),
                             base::printable(other->path)));
        }
        body(*one, *other);
    }
}

}  // namespace yolovino::engine
