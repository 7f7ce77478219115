#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "serve/kserve/served_model.hpp"

namespace yolovino::serve {

/// Counts and times of the requests to infer, for each model since the server began. Thread-safe.
class Statistics {
public:
    /// @param queue_ms from the last byte of the request to the begin of its work
    void succeed(const std::string& model, const Inference& inference, double queue_ms);
    void fail(const std::string& model, double total_ms);

    /// An element of `model_stats`.
    nlohmann::ordered_json describe(const std::string& model, const std::string& version) const;

private:
    struct Duration {
        std::uint64_t count = 0;
        std::uint64_t ns = 0;

        void add(double ms);
    };
    struct Batch {
        Duration input;
        Duration infer;
        Duration output;
    };
    struct Counts {
        std::uint64_t images = 0;
        std::uint64_t last_ms = 0;  ///< since 1970
        Duration success;
        Duration fail;
        Duration queue;
        Batch all;
        std::map<std::uint64_t, Batch> batches;
    };
    static nlohmann::ordered_json describe(const Duration& duration);

    mutable std::mutex mutex_;
    std::map<std::string, Counts> counts_;
};

}  // namespace yolovino::serve
