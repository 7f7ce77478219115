#include "serve/reload/watcher.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <poll.h>
#include <set>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>

#include "base/fail.hpp"

namespace yolovino::serve {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint32_t kChanges =
    IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_CREATE | IN_ATTRIB | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

Watcher::Watcher(Repository& repository, Times times)
    : repository_(repository), times_(times), events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    stop_ = ::eventfd(0, EFD_CLOEXEC);
    if (stop_ < 0) {
        const int error = errno;
        if (events_ >= 0) ::close(events_);
        throw Error(ErrorCode::IoFailure, "reload", std::string("no descriptor is left: ") + std::strerror(error));
    }
    watch_files();
    thread_ = std::thread([this] { run(); });
}

Watcher::~Watcher() {
    const std::uint64_t one = 1;
    static_cast<void>(::write(stop_, &one, sizeof one) == sizeof one);
    thread_.join();
    ::close(stop_);
    if (events_ >= 0) ::close(events_);
}

/// The folder of each file, for files that are renamed into place, and the folder of a model itself. A folder that is
/// watched already keeps its watch; one that replaced another gets its own.
void Watcher::watch_files() {
    if (events_ < 0) return;
    std::set<fs::path> folders;
    for (const fs::path& file : repository_.files()) {
        std::error_code error;
        const fs::path absolute = fs::absolute(file, error);
        if (error) continue;
        folders.insert(absolute.has_filename() ? absolute.parent_path() : absolute.parent_path().parent_path());
        if (fs::is_directory(absolute, error)) folders.insert(absolute);
        // What a link points to is written to where it is.
        const fs::path target = fs::canonical(absolute, error);
        if (!error) folders.insert(target.parent_path());
    }
    for (const fs::path& folder : folders)
        static_cast<void>(::inotify_add_watch(events_, folder.c_str(), kChanges | IN_ONLYDIR));
}

bool Watcher::wait(milliseconds timeout, bool& event) const {
    std::array<pollfd, 2> sources = {{{stop_, POLLIN, 0}, {events_, POLLIN, 0}}};
    const int ready = ::poll(sources.data(), sources.size(), static_cast<int>(timeout.count()));
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0 && sources[0].revents != 0) return false;
    event = ready > 0 && sources[1].revents != 0;
    if (event) {
        // Which file an event names does not matter: all are compared with what was loaded.
        std::array<char, 16384> ignored{};
        while (::read(events_, ignored.data(), ignored.size()) > 0) {
        }
    }
    return true;
}

void Watcher::run() {
    bool event = false;
    while (wait(times_.look, event)) {
        if (repository_.changed().empty()) continue;
        const Clock::time_point first = Clock::now();
        event = true;
        while (event && Clock::now() - first < times_.patience) {
            if (!wait(times_.settle, event)) return;
        }
        // Loads report their failures themselves.
        repository_.reload_changed();
        watch_files();
    }
}

}  // namespace yolovino::serve
