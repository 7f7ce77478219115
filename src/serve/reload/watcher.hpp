#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

#include "serve/reload/repository.hpp"

namespace yolovino::serve {

/// Has a repository load the models whose files are replaced or rewritten, on a thread of its own. The kernel says what
/// changes; where it cannot (a network's file system, no watches left) the files are looked at now and then.
class Watcher {
public:
    struct Times {
        std::chrono::milliseconds settle{200};       ///< a file is loaded when it has not changed for so long
        std::chrono::milliseconds patience{10'000};  ///< or when it has been changing for so long
        std::chrono::milliseconds look{5'000};       ///< between two looks without an event
    };

    /// @param repository must live longer
    explicit Watcher(Repository& repository) : Watcher(repository, Times{}) {}
    Watcher(Repository& repository, Times times);
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    /// Waits for a load that is running.
    ~Watcher();

private:
    void watch_files();
    /// Waits for an event, until `timeout`. Returns false to end.
    bool wait(std::chrono::milliseconds timeout, bool& event) const;
    void run();

    Repository& repository_;
    const Times times_;
    int events_ = -1;  ///< of inotify; -1: there is none
    int stop_ = -1;    ///< readable when the thread is to end
    std::thread thread_;
};

}  // namespace yolovino::serve
