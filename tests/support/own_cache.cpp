#include <cstdlib>
#include <stdlib.h>

namespace yolovino::test {
namespace {

/// Part of every test program: no test, and no command that it starts, touches the cache of who runs it.
[[maybe_unused]] const int kOwnCache = ::setenv("XDG_CACHE_HOME", YOLOVINO_BINARY_DIR "/tests/cache", 1);

}  // namespace
}  // namespace yolovino::test
