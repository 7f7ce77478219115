#include "serve/predict/work_queue.hpp"

#include <algorithm>
#include <utility>

namespace yolovino::serve {

WorkQueue::WorkQueue(std::size_t workers, std::size_t capacity, std::chrono::duration<double> patience)
    : capacity_(capacity), patience_(std::chrono::duration_cast<Clock::duration>(patience)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(workers, 1); ++i) threads_.emplace_back([this] { work(); });
    expirer_ = std::thread([this] { expire(); });
}

WorkQueue::~WorkQueue() {
    finish();
}

bool WorkQueue::push(Job job) {
    bool must_wait = false;
    {
        const std::lock_guard lock(mutex_);
        const std::size_t idle = threads_.size() - running_;
        if (closed_ || waiting_.size() >= capacity_ + idle) return false;
        waiting_.push_back({std::move(job), Clock::now() + patience_});
        must_wait = waiting_.size() > idle;
    }
    work_.notify_one();
    if (must_wait) watch_.notify_one();
    return true;
}

void WorkQueue::finish() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    work_.notify_all();
    watch_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
    if (expirer_.joinable()) expirer_.join();
}

std::size_t WorkQueue::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

std::size_t WorkQueue::running() const {
    const std::lock_guard lock(mutex_);
    return running_;
}

double WorkQueue::expected_wait_s() const {
    const std::lock_guard lock(mutex_);
    return job_s_ * static_cast<double>(waiting_.size() + 1) / static_cast<double>(threads_.size());
}

void WorkQueue::work() {
    constexpr double kNewShare = 0.1;
    std::unique_lock lock(mutex_);
    while (true) {
        work_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const Job job = std::move(waiting_.front().job);
        waiting_.pop_front();
        if (closed_ && waiting_.empty()) watch_.notify_all();
        ++running_;
        lock.unlock();
        const auto start = Clock::now();
        job.run();
        const double took_s = std::chrono::duration<double>(Clock::now() - start).count();
        lock.lock();
        job_s_ = job_s_ == 0 ? took_s : job_s_ + kNewShare * (took_s - job_s_);
        --running_;
    }
}

void WorkQueue::expire() {
    std::unique_lock lock(mutex_);
    while (true) {
        if (waiting_.empty()) {
            if (closed_) return;
            watch_.wait(lock);
            continue;
        }
        const auto deadline = waiting_.front().deadline;
        if (Clock::now() < deadline) {
            watch_.wait_until(lock, deadline);
            continue;
        }
        const Job job = std::move(waiting_.front().job);
        waiting_.pop_front();
        lock.unlock();
        job.expired();
        lock.lock();
    }
}

}  // namespace yolovino::serve
