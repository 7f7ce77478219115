#include "yolovino/probs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "yolovino/error.hpp"

#include "base/api_call.hpp"

namespace yolovino {

namespace {

/// Five classes at most, by descending probability; what is not a number comes last.
std::vector<int> most_likely(const std::vector<float>& data) {
    constexpr std::size_t kMost = 5;
    std::vector<int> order(data.size());
    std::iota(order.begin(), order.end(), 0);
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(std::min(kMost, order.size()));
    const auto rank = [&](int cls) {
        const float value = data[static_cast<std::size_t>(cls)];
        return std::isnan(value) ? -std::numeric_limits<float>::infinity() : value;
    };
    std::ranges::partial_sort(order, middle,
                              [&](int a, int b) { return rank(a) != rank(b) ? rank(a) > rank(b) : a < b; });
    order.erase(middle, order.end());
    return order;
}

}  // namespace

int Probs::top1() const {
    return base::api_call("results", [&] {
        if (data.empty()) throw Error(ErrorCode::InvalidArgument, "results", "there are no probabilities");
        return most_likely(data).front();
    });
}

float Probs::top1conf() const {
    return base::api_call("results", [&] { return data.at(static_cast<std::size_t>(top1())); });
}

std::vector<int> Probs::top5() const {
    return base::api_call("results", [&] { return most_likely(data); });
}

std::vector<float> Probs::top5conf() const {
    return base::api_call("results", [&] {
        std::vector<float> out;
        for (const int cls : most_likely(data)) out.push_back(data[static_cast<std::size_t>(cls)]);
        return out;
    });
}

}  // namespace yolovino
