#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "serve/http/exchange.hpp"

namespace yolovino::serve {

/// One JSON line for a request: time, peer, method, path, status, bytes, ms, model, trace.
std::string access_line(const Served& served, std::chrono::system_clock::time_point now);

/// Writes lines on a thread of its own, so that a slow disk delays nobody. Thread-safe.
class AccessLog {
public:
    /// @param write takes each line, with its end
    explicit AccessLog(std::function<void(std::string_view)> write);
    /// Adds to a file. @throws Error IoFailure
    static std::unique_ptr<AccessLog> to_file(const std::string& file);
    /// Writes what is still there.
    ~AccessLog();
    AccessLog(const AccessLog&) = delete;
    AccessLog& operator=(const AccessLog&) = delete;

    /// Drops the line if thousands wait to be written.
    void add(std::string line);

private:
    void work();

    const std::function<void(std::string_view)> write_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> lines_;
    bool closed_ = false;
    std::thread thread_;
};

}  // namespace yolovino::serve
