#include "serve/http/access_log.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "yolovino/error.hpp"

namespace yolovino::serve {

namespace {

constexpr std::size_t kMostLines = 10'000;

/// `2026-11-30T16:05:00.123Z`
std::string time_text(std::chrono::system_clock::time_point now) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    std::tm parts = {};
    std::array<char, 32> text{};
    if (::gmtime_r(&seconds, &parts) == nullptr) return {};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    return fmt::format("{}.{:03}Z", std::string_view(text.data(), size), ms);
}

}  // namespace

std::string access_line(const Served& served, std::chrono::system_clock::time_point now) {
    nlohmann::ordered_json line = {{"time", time_text(now)},
                                   {"peer", served.peer},
                                   {"method", served.method},
                                   {"path", served.path},
                                   {"status", served.status},
                                   {"bytes", served.body_bytes},
                                   {"ms", std::round(served.seconds * 1e5) / 100}};
    if (!served.model.empty()) line["model"] = served.model;
    if (!served.trace.empty()) line["trace_id"] = served.trace;
    return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

AccessLog::AccessLog(std::function<void(std::string_view)> write) : write_(std::move(write)) {
    thread_ = std::thread([this] { work(); });
}

std::unique_ptr<AccessLog> AccessLog::to_file(const std::string& file) {
    const auto stream = std::make_shared<std::ofstream>(file, std::ios::binary | std::ios::app);
    if (!*stream) throw Error(ErrorCode::IoFailure, "serve", "the access log cannot be opened", {file});
    return std::make_unique<AccessLog>([stream](std::string_view line) { *stream << line << std::flush; });
}

AccessLog::~AccessLog() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void AccessLog::add(std::string line) {
    {
        const std::lock_guard lock(mutex_);
        if (lines_.size() >= kMostLines) return;
        lines_.push_back(std::move(line));
    }
    changed_.notify_all();
}

void AccessLog::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return closed_ || !lines_.empty(); });
        if (lines_.empty()) return;
        const std::deque<std::string> lines = std::exchange(lines_, {});
        lock.unlock();
        for (const std::string& line : lines) write_(line);
        lock.lock();
    }
}

}  // namespace yolovino::serve
