// Alone in its program: no other test may have loaded a model before it.

#include <cstdlib>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/c_api/handles.hpp"

namespace yolovino {
namespace {

constexpr unsigned kLimitS = 60;

/// Status of a child that ends with what `body` returns.
int in_child(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::alarm(kLimitS);  // a child that hangs is ended
        ::_exit(body());
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int predicts_in_own_process() {
    yv_model* model = nullptr;
    if (yv_model_open(test::sample().c_str(), nullptr, 0, &model, nullptr) != YV_OK) return 1;
    const std::string image = test::bytes_of(test::kImages / "0004.jpg");
    yv_result* result = nullptr;
    const yv_option option{"device", "cpu"};
    if (yv_predict_encoded(model, image.data(), image.size(), &option, 1, &result, nullptr) != YV_OK) return 2;
    const bool found = yv_result_count(result) > 0;
    yv_result_free(result);
    yv_model_free(model);
    return found ? 0 : 3;
}

TEST(CFork, BeforeLoadingWorksAfterLoadingIsRefusedInOneLine) {
    EXPECT_EQ(in_child(predicts_in_own_process), 0);
    yv_model* model = nullptr;
    ASSERT_EQ(yv_model_open(test::sample().c_str(), nullptr, 0, &model, nullptr), YV_OK);
    const std::string image = test::bytes_of(test::kImages / "0004.jpg");
    const yv_input input{sizeof(yv_input), 0, image.data(), image.size(), nullptr, nullptr};
    yv_request* request = nullptr;
    ASSERT_EQ(yv_submit(model, &input, nullptr, 0, nullptr, nullptr, &request, nullptr), YV_OK);
    ASSERT_EQ(yv_request_wait(request, -1, nullptr, nullptr), YV_OK);
    EXPECT_EQ(in_child([&] {
                  yv_result* result = nullptr;
                  yv_error* error = nullptr;
                  const yv_status status =
                      yv_predict_encoded(model, image.data(), image.size(), nullptr, 0, &result, &error);
                  const std::string text = yv_error_message(error);
                  if (status != YV_RUNTIME_FAILURE) return 1;
                  if (text.find("was forked from process " + std::to_string(::getppid())) == std::string::npos)
                      return 2;
                  if (text.find('\n') != std::string::npos) return 3;
                  yv_model* other = nullptr;
                  if (yv_model_open(test::sample().c_str(), nullptr, 0, &other, nullptr) != YV_RUNTIME_FAILURE)
                      return 4;
                  if (yv_request_wait(request, -1, nullptr, nullptr) != YV_RUNTIME_FAILURE) return 5;
                  yv_request_free(request);
                  yv_model_free(model);  // must not wait for threads that are not there
                  return 0;
              }),
              0);
    yv_request_free(request);
    yv_model_free(model);
}

}  // namespace
}  // namespace yolovino
