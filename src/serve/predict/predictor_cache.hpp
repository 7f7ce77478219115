#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "yolovino/predict_args.hpp"
#include "yolovino/predictor.hpp"

#include "serve/generation.hpp"

namespace yolovino::serve {

/// Predictors of generations with other options than their own, the last used first, at most so many. Thread-safe.
class PredictorCache {
public:
    explicit PredictorCache(std::size_t limit) : limit_(limit) {}

    /// The predictor for options, made at the first call. @param key the same for the same options
    /// @throws Error as Model::predictor
    Predictor get(const std::shared_ptr<const Generation>& generation, const std::string& key, const PredictArgs& args);

    std::size_t size() const;

private:
    struct Entry {
        std::weak_ptr<const Generation> generation;  ///< one that has ended leaves the cache at the next call
        std::string key;
        Predictor predictor;
    };

    const std::size_t limit_;
    mutable std::mutex mutex_;
    std::list<Entry> kept_;
};

}  // namespace yolovino::serve
