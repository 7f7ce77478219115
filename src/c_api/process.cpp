#include "c_api/process.hpp"

#include <atomic>
#include <fmt/format.h>
#include <unistd.h>

#include "yolovino/error.hpp"

namespace yolovino::c_api {

namespace {

std::atomic<pid_t> loaded_by = 0;

}  // namespace

void note_loaded() noexcept {
    pid_t nobody = 0;
    loaded_by.compare_exchange_strong(nobody, getpid());
}

bool is_forked_child() noexcept {
    const pid_t owner = loaded_by.load();
    return owner != 0 && owner != getpid();
}

void expect_own_process() {
    if (!is_forked_child()) return;
    throw Error(
        ErrorCode::RuntimeFailure, "c",
        fmt::format("process {} was forked from process {} after that had loaded a model", getpid(), loaded_by.load()),
        {}, "load the model in the child only, or start the child with exec (multiprocessing: spawn)");
}

}  // namespace yolovino::c_api
