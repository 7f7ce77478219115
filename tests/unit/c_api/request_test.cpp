#include <array>
#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <mutex>
#include <string>
#include <thread>

#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

using test::failure_of;
using test::on_openvino_cpu_f32;
using test::OwnedModel;
using test::OwnedRequest;
using test::OwnedResult;

yv_input encoded(const std::string& bytes) {
    return {sizeof(yv_input), 0, bytes.data(), bytes.size(), nullptr, nullptr};
}

OwnedRequest submit(const OwnedModel& model, const yv_input& input, yv_callback callback = nullptr,
                    void* user = nullptr) {
    const test::Options options = on_openvino_cpu_f32();
    yv_request* request = nullptr;
    test::expect_ok([&](yv_error** error) {
        return yv_submit(model.get(), &input, options.data(), options.size(), callback, user, &request, error);
    });
    return OwnedRequest(request);
}

/// What callbacks were told.
struct Ends {
    std::mutex mutex;
    std::size_t results = 0;
    std::size_t objects = 0;
    std::vector<yv_status> failures;

    static void add(void* user, yv_result* result, const yv_error* error) {
        auto& ends = *static_cast<Ends*>(user);
        const OwnedResult owned(result);
        const std::lock_guard lock(ends.mutex);
        EXPECT_EQ(result == nullptr, error != nullptr);
        if (result != nullptr) ++ends.results;
        ends.objects += yv_result_count(result);
        if (error != nullptr) ends.failures.push_back(yv_error_code(error));
    }
};

TEST(CRequest, GivesWhatThePredictionGives) {
    const OwnedModel model = test::open_model(test::sample());
    std::string bytes = test::bytes_of(test::kImages / "0004.jpg");
    const OwnedResult wanted = test::predict(model, bytes, on_openvino_cpu_f32());
    yv_input input = encoded(bytes);
    input.path = "front door";
    const OwnedRequest request = submit(model, input);
    bytes.assign(bytes.size(), '\0');  // was copied
    yv_result* result = nullptr;
    test::expect_ok([&](yv_error** error) { return yv_request_wait(request.get(), -1, &result, error); });
    const OwnedResult owned(result);
    ASSERT_EQ(yv_result_count(result), yv_result_count(wanted.get()));
    EXPECT_TRUE(std::equal(yv_result_boxes(result), yv_result_boxes(result) + 6 * yv_result_count(result),
                           yv_result_boxes(wanted.get())));
    EXPECT_STREQ(yv_result_path(result), "front door");
    test::expect_ok([&](yv_error** error) { return yv_request_wait(request.get(), 0, &result, error); });
    EXPECT_EQ(result, nullptr) << "a result is given once";
    EXPECT_EQ(yv_cancel(request.get()), 0) << "it has ended";
}

TEST(CRequest, FailsByItsStatusOrAtOnceForWrongOptions) {
    const OwnedModel model = test::open_model(test::sample());
    const std::string bytes = test::bytes_of(test::kImages / "0004.jpg").substr(0, 100);
    const OwnedRequest request = submit(model, encoded(bytes));
    yv_result* result = nullptr;
    const auto failure =
        failure_of([&](yv_error** error) { return yv_request_wait(request.get(), -1, &result, error); });
    EXPECT_EQ(failure.status, YV_CORRUPT_FILE);
    EXPECT_EQ(result, nullptr);
    const yv_option wrong{"conf", "2"};
    const yv_input input = encoded(bytes);
    yv_request* none = nullptr;
    EXPECT_EQ(yv_submit(model.get(), &input, &wrong, 1, nullptr, nullptr, &none, nullptr), YV_INVALID_ARGUMENT);
    EXPECT_EQ(none, nullptr);
    EXPECT_EQ(yv_submit(model.get(), &input, nullptr, 0, nullptr, nullptr, nullptr, nullptr), YV_INVALID_ARGUMENT)
        << "there is nobody who takes the result";
}

TEST(CRequest, CallsBackOnceForEach) {
    const OwnedModel model = test::open_model(test::sample());
    const std::string bytes = test::bytes_of(test::kImages / "0004.jpg");
    const OwnedResult one = test::predict(model, bytes, on_openvino_cpu_f32());
    constexpr std::size_t kRequests = 20;
    Ends ends;
    std::vector<OwnedRequest> requests;
    for (std::size_t i = 0; i < kRequests; ++i) requests.push_back(submit(model, encoded(bytes), Ends::add, &ends));
    for (const OwnedRequest& each : requests) EXPECT_EQ(yv_request_wait(each.get(), -1, nullptr, nullptr), YV_OK);
    EXPECT_EQ(ends.results, kRequests);
    EXPECT_EQ(ends.objects, kRequests * yv_result_count(one.get()));
    EXPECT_TRUE(ends.failures.empty());
}

TEST(CRequest, WhatHasNotBegunCanBeCancelled) {
    const OwnedModel model = test::open_model(test::sample());
    const std::string bytes = test::bytes_of(test::kImages / "0004.jpg");
    constexpr std::size_t kRequests = 200;
    Ends ends;
    std::vector<OwnedRequest> requests;
    for (std::size_t i = 0; i < kRequests; ++i) requests.push_back(submit(model, encoded(bytes), Ends::add, &ends));
    std::size_t cancelled = 0;
    for (auto each = requests.rbegin(); each != requests.rend(); ++each)
        cancelled += static_cast<std::size_t>(yv_cancel(each->get()));
    for (const OwnedRequest& each : requests) yv_request_wait(each.get(), -1, nullptr, nullptr);
    EXPECT_GT(cancelled, 0U);
    EXPECT_EQ(ends.results, kRequests - cancelled);
    EXPECT_EQ(ends.failures, std::vector<yv_status>(cancelled, YV_CANCELLED));
    EXPECT_EQ(yv_request_wait(requests.back().get(), 0, nullptr, nullptr), YV_CANCELLED);
}

TEST(CRequest, FreeingTheModelCancelsWhatWaitsAndFinishesTheRest) {
    OwnedModel model = test::open_model(test::sample());
    const std::string bytes = test::bytes_of(test::kImages / "0004.jpg");
    constexpr std::size_t kRequests = 100;
    Ends ends;
    for (std::size_t i = 0; i < kRequests; ++i) submit(model, encoded(bytes), Ends::add, &ends).reset();
    model.reset();
    EXPECT_EQ(ends.results + ends.failures.size(), kRequests) << "each has ended when the model is freed";
    EXPECT_EQ(ends.failures, std::vector<yv_status>(ends.failures.size(), YV_CANCELLED));
}

TEST(CRequest, ACallbackMayFreeTheModel) {
    yv_model* model = test::open_model(test::sample()).release();
    struct Freed {
        yv_model* model;
        std::atomic<bool> done = false;
    } freed{model};
    const std::string bytes = test::bytes_of(test::kImages / "0004.jpg");
    const yv_input input = encoded(bytes);
    yv_request* request = nullptr;
    const auto callback = [](void* user, yv_result* result, const yv_error*) {
        auto& own = *static_cast<Freed*>(user);
        yv_result_free(result);
        yv_model_free(own.model);
        own.done = true;
    };
    test::expect_ok(
        [&](yv_error** error) { return yv_submit(model, &input, nullptr, 0, callback, &freed, &request, error); });
    const OwnedRequest owned(request);
    EXPECT_EQ(yv_request_wait(request, -1, nullptr, nullptr), YV_OK);
    EXPECT_TRUE(freed.done);
}

TEST(CRequest, WaitingEndsAtItsTime) {
    const OwnedModel model = test::open_model(test::sample());
    const std::string bytes = test::bytes_of(test::kImages / "0004.jpg");
    std::atomic<bool> go = false;
    const auto block = [](void* user, yv_result* result, const yv_error*) {
        yv_result_free(result);
        while (!*static_cast<std::atomic<bool>*>(user)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    const OwnedRequest request = submit(model, encoded(bytes), block, &go);
    const auto failure =
        failure_of([&](yv_error** error) { return yv_request_wait(request.get(), 5, nullptr, error); });
    EXPECT_EQ(failure.status, YV_TIMEOUT);
    EXPECT_STREQ(yv_status_name(failure.status), "Timeout");
    go = true;
    EXPECT_EQ(yv_request_wait(request.get(), 60000, nullptr, nullptr), YV_OK);
}

}  // namespace
}  // namespace yolovino
