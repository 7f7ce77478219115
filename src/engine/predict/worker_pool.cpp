#include "engine/predict/worker_pool.hpp"

#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "yolovino/error.hpp"

#include "base/log.hpp"

namespace yolovino::engine {

OrderedWorkerPool::OrderedWorkerPool(std::size_t count, Take take, const std::function<Run()>& make_run)
    : take_(std::move(take)), count_(count) {
    try {
        for (std::size_t i = 0; i < count; ++i)
            threads_.push_back(base::start_thread([this, run = make_run()] { work(run); }));
    } catch (const std::system_error& e) {
        end();
        throw Error(ErrorCode::LimitExceeded, "predict", fmt::format("cannot start {} threads: {}", count, e.what()),
                    {}, "give fewer streams, or raise the limit of processes");
    } catch (...) {
        end();
        throw;
    }
}

OrderedWorkerPool::~OrderedWorkerPool() {
    end();
}

void OrderedWorkerPool::end() {
    stop_accepting();
    for (std::thread& thread : threads_) thread.join();
}

/// Waits until the caller is near enough. Nothing if no more is to be taken.
std::optional<std::size_t> OrderedWorkerPool::reserve(std::unique_lock<std::mutex>& lock) {
    const auto may_go = [&] { return no_more_ || taken_ < consumed_ + 2 * count_; };
    if (!may_go()) {
        waited_ = true;
        room_.wait(lock, may_go);
    }
    if (no_more_) return std::nullopt;
    return taken_++;
}

void OrderedWorkerPool::work(const Run& run) {
    while (true) {
        std::size_t ticket = 0;
        Batch batch;
        std::vector<data::Frame> frames;
        {
            const std::lock_guard turn(source_turn_);
            std::unique_lock lock(mutex_);
            const std::optional<std::size_t> reserved = reserve(lock);
            if (!reserved) return;
            ticket = *reserved;
            lock.unlock();
            try {
                frames = take_();
            } catch (...) {
                batch.problem = std::current_exception();
            }
            lock.lock();
            if (frames.empty()) {
                no_more_ = true;
                source_ended_ = true;
                if (!batch.problem) --taken_;
                room_.notify_all();
                ready_.notify_all();
                if (!batch.problem) return;
            }
        }
        try {
            if (!batch.problem) batch.images = run(std::move(frames));
        } catch (...) {
            batch.problem = std::current_exception();
        }
        complete(ticket, std::move(batch));
    }
}

void OrderedWorkerPool::complete(std::size_t ticket, Batch batch) {
    batch.finished = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (batch.problem) no_more_ = true;
    done_.emplace(ticket, std::move(batch));
    room_.notify_all();
    ready_.notify_all();
}

std::optional<OrderedWorkerPool::Batch> OrderedWorkerPool::next() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return done_.contains(consumed_) || (no_more_ && taken_ == consumed_); });
    if (!done_.contains(consumed_)) return std::nullopt;
    Batch batch = std::move(done_.extract(consumed_++).mapped());
    lock.unlock();
    room_.notify_all();
    return batch;
}

void OrderedWorkerPool::stop_accepting() {
    const std::lock_guard lock(mutex_);
    no_more_ = true;
    room_.notify_all();
    ready_.notify_all();
}

bool OrderedWorkerPool::source_ended() const {
    const std::lock_guard lock(mutex_);
    return source_ended_;
}

bool OrderedWorkerPool::consumer_is_slower() const {
    const std::lock_guard lock(mutex_);
    return waited_;
}

}  // namespace yolovino::engine
