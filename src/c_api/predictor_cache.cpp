#include "c_api/predictor_cache.hpp"

#include <algorithm>

namespace yolovino::c_api {

std::optional<Predictor> PredictorCache::find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(kept_, key, &std::pair<std::string, Predictor>::first);
    if (found == kept_.end()) return std::nullopt;
    kept_.splice(kept_.begin(), kept_, found);
    return found->second;
}

void PredictorCache::keep(const std::string& key, const Predictor& predictor) {
    std::list<std::pair<std::string, Predictor>> dropped;  // destroyed after the lock: that may take its time
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(kept_, key, &std::pair<std::string, Predictor>::first);
    if (found != kept_.end()) dropped.splice(dropped.end(), kept_, found);
    kept_.emplace_front(key, predictor);
    while (kept_.size() > limit_) dropped.splice(dropped.end(), kept_, std::prev(kept_.end()));
}

}  // namespace yolovino::c_api
