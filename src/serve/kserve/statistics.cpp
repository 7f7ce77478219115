#include "serve/kserve/statistics.hpp"

#include <algorithm>
#include <chrono>

namespace yolovino::serve {

using nlohmann::ordered_json;

void Statistics::Duration::add(double ms) {
    constexpr double kNsPerMs = 1e6;
    ++count;
    ns += static_cast<std::uint64_t>(std::max(ms, 0.0) * kNsPerMs);
}

void Statistics::succeed(const std::string& model, const Inference& inference, double queue_ms) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::lock_guard lock(mutex_);
    Counts& counts = counts_[model];
    counts.images += inference.images;
    counts.last_ms = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    counts.success.add(queue_ms + inference.input_ms + inference.infer_ms + inference.output_ms);
    counts.queue.add(queue_ms);
    for (Batch* batch : {&counts.all, &counts.batches[inference.images]}) {
        batch->input.add(inference.input_ms);
        batch->infer.add(inference.infer_ms);
        batch->output.add(inference.output_ms);
    }
}

void Statistics::fail(const std::string& model, double total_ms) {
    const std::lock_guard lock(mutex_);
    counts_[model].fail.add(total_ms);
}

ordered_json Statistics::describe(const Duration& duration) {
    return {{"count", duration.count}, {"ns", duration.ns}};
}

ordered_json Statistics::describe(const std::string& model, const std::string& version) const {
    Counts counts;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = counts_.find(model); found != counts_.end()) counts = found->second;
    }
    ordered_json batches = ordered_json::array();
    for (const auto& [size, batch] : counts.batches) {
        batches.push_back({{"batch_size", size},
                           {"compute_input", describe(batch.input)},
                           {"compute_infer", describe(batch.infer)},
                           {"compute_output", describe(batch.output)}});
    }
    const Duration none;
    return {{"name", model},
            {"version", version},
            {"last_inference", counts.last_ms},
            {"inference_count", counts.images},
            {"execution_count", counts.success.count},
            {"inference_stats",
             {{"success", describe(counts.success)},
              {"fail", describe(counts.fail)},
              {"queue", describe(counts.queue)},
              {"compute_input", describe(counts.all.input)},
              {"compute_infer", describe(counts.all.infer)},
              {"compute_output", describe(counts.all.output)},
              {"cache_hit", describe(none)},
              {"cache_miss", describe(none)}}},
            {"batch_stats", std::move(batches)}};
}

}  // namespace yolovino::serve
