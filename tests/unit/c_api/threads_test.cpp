#include <array>
#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

using test::OwnedModel;
using test::OwnedResult;

/// What one thread does with the model that all share; the number of its failures.
struct Work {
    yv_model* model;
    const std::string& image;
    std::size_t objects;
    std::size_t thread;

    std::size_t predict() const {
        // More sets of options than are kept, so that some are dropped while others use them.
        const std::string det = std::to_string(100 + thread * 2 + thread % 3);
        const std::array<yv_option, 2> options = {yv_option{"max_det", det.c_str()}, {"imgsz", "160"}};
        yv_result* result = nullptr;
        const yv_status status =
            yv_predict_encoded(model, image.data(), image.size(), options.data(), options.size(), &result, nullptr);
        const OwnedResult owned(result);
        return status == YV_OK && yv_result_count(result) == objects ? 0 : 1;
    }

    std::size_t submit() const {
        const yv_option option{"imgsz", "160"};
        const yv_input input{sizeof(yv_input), 0, image.data(), image.size(), nullptr, nullptr};
        yv_request* request = nullptr;
        if (yv_submit(model, &input, &option, 1, nullptr, nullptr, &request, nullptr) != YV_OK) return 1;
        const test::OwnedRequest owned(request);
        yv_result* result = nullptr;
        if (yv_request_wait(request, -1, &result, nullptr) != YV_OK) return 1;
        const OwnedResult own(result);
        return yv_result_count(result) == objects ? 0 : 1;
    }

    std::size_t fail() const {
        yv_error* error = nullptr;
        const yv_option option{"conf", "9"};
        yv_result* result = nullptr;
        const yv_status status = yv_predict_encoded(model, image.data(), image.size(), &option, 1, &result, &error);
        const bool right = status == YV_INVALID_ARGUMENT && yv_error_code(error) == status;
        yv_error_free(error);
        return right && yv_model_class_count(model) == 4 ? 0 : 1;
    }
};

TEST(CThreads, SixteenShareOneModel) {
    const OwnedModel model =
        test::open_model(test::sample(), test::on_openvino_cpu_f32({{"threads", "1"}, {"performance", "latency"}}));
    const std::string image = test::bytes_of(test::kImages / "0004.jpg");
    const std::size_t objects = yv_result_count(test::predict(model, image, {{"imgsz", "160"}}).get());
    ASSERT_GT(objects, 0U);
    std::atomic<std::size_t> failures = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
            const Work work{model.get(), image, objects, i};
            for (int round = 0; round < 3; ++round) failures += work.predict() + work.submit() + work.fail();
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failures, 0U);
}

}  // namespace
}  // namespace yolovino
