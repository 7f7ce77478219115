#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

#include "yolovino/results.hpp"
#include "yolovino/visibility.hpp"

namespace yolovino {

/// The detections of a source, one after the other, computed as they are asked for.
///
/// An input range: iterate once. Not thread-safe but for `stop()`; use one per thread.
class YOLOVINO_API Predictions {
public:
    /// Steps from result to result; it computes the next one.
    class YOLOVINO_API Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Results;
        using difference_type = std::ptrdiff_t;
        using pointer = Results*;
        using reference = Results&;

        Iterator() = default;
        explicit Iterator(Predictions* owner) : owner_(owner) {}
        Results& operator*() const { return *owner_->current(); }
        Results* operator->() const { return owner_->current(); }
        Iterator& operator++();
        void operator++(int) { ++*this; }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.owner_ == b.owner_; }

    private:
        Predictions* owner_ = nullptr;
    };

    class Impl;
    /// For the library itself: `Model::predict` makes one.
    explicit Predictions(std::unique_ptr<Impl> impl);
    Predictions(Predictions&&) noexcept;
    Predictions& operator=(Predictions&&) noexcept;
    ~Predictions();

    /// Starts the work.
    /// @throws Error InvalidArgument, NotFound, IoFailure, DeviceUnavailable, RuntimeFailure, NetworkFailure,
    /// MissingComponent, also on each increment
    Iterator begin();
    /// What the iterator equals after the last result.
    Iterator end() noexcept { return {}; }

    /// Runs to the end and keeps everything.
    /// @throws Error InvalidArgument, NotFound, IoFailure, DeviceUnavailable, RuntimeFailure, NetworkFailure,
    /// MissingComponent
    std::vector<Results> all();

    /// Ends the work early, from any thread: nothing more is read, files that are begun are finished, and the iteration
    /// comes to its end.
    void stop() noexcept;

private:
    friend class Iterator;
    Results* current() noexcept;
    bool advance();

    std::unique_ptr<Impl> impl_;
};

}  // namespace yolovino
