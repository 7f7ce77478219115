#include "c_api/request_queue.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include "yolovino/error.hpp"

#include "base/processors.hpp"
#include "c_api/call.hpp"

namespace yolovino::c_api {

namespace {

constexpr std::size_t kMostWaiting = 4096;
constexpr std::size_t kMostThreads = 16;

std::size_t most_threads() {
    return std::clamp<std::size_t>(base::processor_count(), 1, kMostThreads);
}

}  // namespace

Request::Request(Work work, yv_callback callback, void* user)
    : work_(std::move(work)), callback_(callback), user_(user) {}

Request::~Request() = default;

bool Request::begin() {
    const std::lock_guard lock(mutex_);
    if (state_ != State::Waiting) return false;
    state_ = State::Begun;
    return true;
}

void Request::end(std::unique_ptr<yv_result> result, yv_error* error) {
    error_.reset(error);
    work_ = {};  // the image is not needed any more
    if (callback_ != nullptr)
        callback_(user_, result.release(), error);
    else
        result_ = std::move(result);
    const std::lock_guard lock(mutex_);
    state_ = State::Ended;
    ended_.notify_all();
}

void Request::run() {
    if (!begin()) return;
    std::unique_ptr<yv_result> result;
    yv_error* error = nullptr;
    static_cast<void>(call("predict", &error, [&] { result = work_(); }));
    end(std::move(result), error);
}

bool Request::cancel() {
    if (!begin()) return false;
    yv_error* error = nullptr;
    static_cast<void>(call("predict", &error, [] {
        throw OtherEnd{YV_CANCELLED, "the request was cancelled before it began"};
    }));
    end(nullptr, error);
    return true;
}

bool Request::wait(std::int64_t timeout_ms) {
    std::unique_lock lock(mutex_);
    const auto has_ended = [&] { return state_ == State::Ended; };
    if (timeout_ms < 0) {
        ended_.wait(lock, has_ended);
        return true;
    }
    constexpr std::int64_t kDayMs = 86'400'000;  // no clock overflows
    return ended_.wait_for(lock, std::chrono::milliseconds(std::min(timeout_ms, kDayMs)), has_ended);
}

std::unique_ptr<yv_result> Request::take_result() {
    const std::lock_guard lock(mutex_);
    return std::move(result_);
}

RequestQueue::RequestQueue() : shared_(std::make_shared<Shared>()) {}

RequestQueue::~RequestQueue() {
    std::deque<std::shared_ptr<Request>> cancelled;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->closed = true;
        cancelled.swap(shared_->waiting);
    }
    shared_->changed.notify_all();
    for (const auto& request : cancelled) request->cancel();
    for (std::thread& thread : threads_) {
        if (thread.get_id() == std::this_thread::get_id())
            thread.detach();
        else
            thread.join();
    }
}

void RequestQueue::push(std::shared_ptr<Request> request) {
    {
        const std::lock_guard lock(shared_->mutex);
        if (shared_->waiting.size() >= kMostWaiting) {
            throw Error(ErrorCode::LimitExceeded, "predict",
                        fmt::format("{} requests wait already", shared_->waiting.size()), {},
                        "submit when earlier ones have ended");
        }
        if (shared_->idle <= shared_->waiting.size() && threads_.size() < most_threads()) start_thread();
        shared_->waiting.push_back(std::move(request));
    }
    shared_->changed.notify_one();
}

void RequestQueue::start_thread() {
    try {
        threads_.emplace_back([shared = shared_] { work(shared); });
    } catch (const std::system_error&) {
        if (threads_.empty()) throw;  // the others do what this one would have done
    }
}

void RequestQueue::work(const std::shared_ptr<Shared>& shared) {
    std::unique_lock lock(shared->mutex);
    while (true) {
        ++shared->idle;
        shared->changed.wait(lock, [&] { return shared->closed || !shared->waiting.empty(); });
        --shared->idle;
        if (shared->closed) return;
        const std::shared_ptr<Request> request = std::move(shared->waiting.front());
        shared->waiting.pop_front();
        lock.unlock();
        request->run();
        lock.lock();
    }
}

}  // namespace yolovino::c_api
