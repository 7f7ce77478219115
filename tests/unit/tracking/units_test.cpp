#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include "tracking/assignment.hpp"
#include "tracking/kalman_filter.hpp"
#include "tracking/overlap.hpp"
#include "unit/tracking/recorded.hpp"

namespace yolovino::tracking {
namespace {

using nlohmann::json;

constexpr double kKalman = 1e-9;   // mean and covariance; measured: 3e-14
constexpr float kProbiou = 2e-7F;  // transcendental functions of f32 differ in the last bit

Measurement measurement_of(const json& numbers) {
    return {numbers.at(0).get<float>(), numbers.at(1).get<float>(), numbers.at(2).get<float>(),
            numbers.at(3).get<float>()};
}

void expect_state(const KalmanState& state, const json& step) {
    for (int i = 0; i < 8; ++i) {
        const auto row = static_cast<std::size_t>(i);
        EXPECT_NEAR(state.mean[i], step["mean"].at(row).get<double>(), kKalman);
        for (int j = 0; j < 8; ++j) {
            const double wanted = step["cov"].at(row).at(static_cast<std::size_t>(j)).get<double>();
            EXPECT_NEAR(state.covariance(i, j), wanted, kKalman);
        }
    }
}

TEST(KalmanFilter, StatesAreThoseOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    std::size_t steps = 0;
    const json units = test::read_recorded("units.json");
    for (const json& each : units["kalman"]) {
        const KalmanFilter filter(each["kind"] == "xywh" ? BoxForm::WidthHeight : BoxForm::AspectHeight);
        KalmanState state;
        for (const json& step : each["steps"]) {
            if (step["op"] == "initiate")
                state = filter.initiate(measurement_of(step["z"]));
            else if (step["op"] == "predict")
                filter.predict(state);
            else
                filter.correct(state, measurement_of(step["z"]));
            expect_state(state, step);
            ++steps;
        }
    }
    EXPECT_GT(steps, 10U) << "the test did not look";
}

std::vector<Corners> corners_of(const json& rows) {
    std::vector<Corners> out;
    for (const json& row : rows) {
        const Measurement at = measurement_of(row);
        out.push_back({at[0], at[1], at[2], at[3]});
    }
    return out;
}

std::vector<metrics::Gaussian> distributions_of(const json& rows) {
    std::vector<metrics::Gaussian> out;
    for (const json& row : rows) {
        const Measurement at = measurement_of(row);
        out.push_back(metrics::gaussian_of(metrics::RotatedRect{at[0], at[1], at[2], at[3], row.at(4).get<float>()}));
    }
    return out;
}

TEST(Overlap, CostsAreThoseOfUltralytics) {
    YOLOVINO_NEEDS_SHARED();
    std::size_t seen = 0;
    const json units = test::read_recorded("units.json");
    for (const json& each : units["iou_cost"]) {
        const bool rotated = each["kind"] == "probiou";
        const CostMatrix costs = rotated ? overlap_costs(distributions_of(each["a"]), distributions_of(each["b"]))
                                         : overlap_costs(corners_of(each["a"]), corners_of(each["b"]));
        for (std::size_t i = 0; i < costs.rows(); ++i) {
            for (std::size_t j = 0; j < costs.columns(); ++j) {
                const auto wanted = each["cost"].at(i).at(j).get<float>();
                EXPECT_NEAR(costs.row(i)[j], wanted, rotated ? kProbiou : 0);
                ++seen;
            }
        }
    }
    EXPECT_EQ(seen, 84U) << "the test did not look";
}

CostMatrix matrix_of(const json& rows) {
    CostMatrix out(rows.size(), rows.empty() ? 0 : rows.front().size());
    for (std::size_t i = 0; i < out.rows(); ++i) {
        for (std::size_t j = 0; j < out.columns(); ++j) out.row(i)[j] = rows.at(i).at(j).get<float>();
    }
    return out;
}

TEST(Assignment, PairsAreThoseOfLapAlsoWhereCostsAreEqual) {
    YOLOVINO_NEEDS_SHARED();
    std::size_t seen = 0;
    const json units = test::read_recorded("units.json");
    for (const json& each : units["assign"]) {
        const Matching matching = assign(matrix_of(each["cost"]), each["thresh"].get<double>());
        json pairs = json::array();
        for (const auto& [row, column] : matching.pairs) pairs.push_back({row, column});
        EXPECT_EQ(pairs, each["matches"]) << each["cost"] << " limit " << each["thresh"];
        EXPECT_EQ(json(matching.rows), each["unmatched_a"]);
        EXPECT_EQ(json(matching.columns), each["unmatched_b"]);
        ++seen;
    }
    EXPECT_EQ(seen, 43U) << "the test did not look";
}

CostMatrix random_matrix(std::size_t rows, std::size_t columns, std::mt19937& random, int levels) {
    CostMatrix out(rows, columns);
    std::uniform_int_distribution<int> level(0, levels);
    for (std::size_t i = 0; i < rows; ++i) {
        for (float& each : out.row(i)) each = static_cast<float>(level(random)) / static_cast<float>(levels);
    }
    return out;
}

/// The smallest sum by trying everything.
double least_sum(const CostMatrix& costs, double limit, std::size_t row, std::vector<bool>& used) {
    if (row == costs.rows()) {
        const auto alone = static_cast<double>(std::ranges::count(used, false));
        return alone * limit / 2;
    }
    double least = limit / 2 + least_sum(costs, limit, row + 1, used);
    for (std::size_t j = 0; j < costs.columns(); ++j) {
        if (used[j]) continue;
        used[j] = true;
        least = std::min(least, static_cast<double>(costs.row(row)[j]) + least_sum(costs, limit, row + 1, used));
        used[j] = false;
    }
    return least;
}

TEST(Assignment, HasTheSmallestSumForRandomMatricesWithTies) {
    constexpr double kLimit = 0.7;
    std::mt19937 random(11);
    std::uniform_int_distribution<std::size_t> side(1, 5);
    for (int i = 0; i < 500; ++i) {
        const CostMatrix costs = random_matrix(side(random), side(random), random, i % 2 == 0 ? 4 : 1000);
        const Matching matching = assign(costs, kLimit);
        double sum = static_cast<double>(matching.rows.size() + matching.columns.size()) * kLimit / 2;
        for (const auto& [row, column] : matching.pairs) {
            EXPECT_LE(static_cast<double>(costs.row(row)[column]), kLimit);
            sum += static_cast<double>(costs.row(row)[column]);
        }
        std::vector<bool> used(costs.columns(), false);
        EXPECT_NEAR(sum, least_sum(costs, kLimit, 0, used), 1e-6) << "seed 11, matrix " << i;
    }
}

TEST(Assignment, WhatIsNotFiniteIsNeverMatched) {
    CostMatrix costs(2, 2);
    costs.row(0)[0] = std::numeric_limits<float>::quiet_NaN();
    costs.row(0)[1] = std::numeric_limits<float>::infinity();
    costs.row(1)[0] = 0.25F;
    costs.row(1)[1] = -std::numeric_limits<float>::infinity();
    const Matching matching = assign(costs, 0.5);
    EXPECT_EQ(matching.pairs, (std::vector<std::pair<std::size_t, std::size_t>>{{1, 0}}));
    EXPECT_EQ(matching.rows, std::vector<std::size_t>{0});
    EXPECT_EQ(matching.columns, std::vector<std::size_t>{1});
}

TEST(Assignment, MutualMatchesComeRoundByRoundWhileTheLimitFalls) {
    CostMatrix costs(3, 3);
    // Round 1: (0, 0). Round 2 at 0.45: (1, 1). Round 3 at 0.4: 0.42 is too dear.
    const float values[3][3] = {{0.1F, 0.2F, 0.9F}, {0.15F, 0.43F, 0.9F}, {0.9F, 0.9F, 0.42F}};
    for (std::size_t i = 0; i < 3; ++i) std::copy_n(values[i], 3, costs.row(i).begin());
    const Matching far = match_mutually(costs, 0.5, 0.05);
    EXPECT_EQ(far.pairs, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {2, 2}, {1, 1}}));
    const Matching near = match_mutually(costs, 0.42, 0.05);
    EXPECT_EQ(near.pairs, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}}));
    EXPECT_EQ(near.rows, (std::vector<std::size_t>{1, 2}));
}

}  // namespace
}  // namespace yolovino::tracking
