#include "base/share_indices.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/log.hpp"

namespace yolovino::base {

void share_indices(std::size_t count, std::size_t workers, const MakeIndexWorker& make_worker) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr problem;
    const auto work = [&](std::size_t number) {
        try {
            const IndexWorker worker = make_worker(number);
            for (std::size_t i = next++; i < count; i = next++) worker(i);
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!problem) problem = std::current_exception();
            next = count;
        }
    };
    std::vector<std::thread> others;
    others.reserve(workers);
    try {
        for (std::size_t i = 1; i < std::min(workers, count); ++i) others.push_back(start_thread([&, i] { work(i); }));
    } catch (const std::system_error&) {
        debug("{} threads instead of {}", others.size() + 1, workers);
    }
    work(0);
    for (std::thread& thread : others) thread.join();
    if (problem) std::rethrow_exception(problem);
}

}  // namespace yolovino::base
