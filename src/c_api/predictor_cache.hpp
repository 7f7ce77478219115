#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "yolovino/predictor.hpp"

namespace yolovino::c_api {

/// Predictors by their options, the last used first, at most so many. Thread-safe.
class PredictorCache {
public:
    explicit PredictorCache(std::size_t limit) : limit_(limit) {}

    /// Made before, or nothing.
    std::optional<Predictor> find(const std::string& key);
    /// Several threads may make the same one at once; the last stays.
    void keep(const std::string& key, const Predictor& predictor);

private:
    const std::size_t limit_;
    std::mutex mutex_;
    std::list<std::pair<std::string, Predictor>> kept_;
};

}  // namespace yolovino::c_api
