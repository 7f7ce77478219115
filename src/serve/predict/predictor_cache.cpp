#include "serve/predict/predictor_cache.hpp"

#include <algorithm>
#include <iterator>

namespace yolovino::serve {

Predictor PredictorCache::get(const std::shared_ptr<const Generation>& generation, const std::string& key,
                              const PredictArgs& args) {
    std::list<Entry> dropped;  // destroyed after the lock: that may take its time
    {
        const std::lock_guard lock(mutex_);
        for (auto each = kept_.begin(); each != kept_.end();) {
            const auto next = std::next(each);
            if (each->generation.expired()) dropped.splice(dropped.end(), kept_, each);
            each = next;
        }
        const auto found = std::ranges::find_if(
            kept_, [&](const Entry& each) { return each.key == key && each.generation.lock() == generation; });
        if (found != kept_.end()) {
            kept_.splice(kept_.begin(), kept_, found);
            return found->predictor;
        }
    }
    // Two threads may make the same one at once; both are right.
    Predictor made = generation->model.predictor(args);
    const std::lock_guard lock(mutex_);
    kept_.push_front({generation, key, made});
    while (kept_.size() > limit_) dropped.splice(dropped.end(), kept_, std::prev(kept_.end()));
    return made;
}

std::size_t PredictorCache::size() const {
    const std::lock_guard lock(mutex_);
    return kept_.size();
}

}  // namespace yolovino::serve
