#include "runtime/libtorch/module/idle_threads.hpp"

#include <cstdlib>
#include <omp.h>
#include <thread>
#include <unistd.h>

namespace yolovino::runtime::torch_module {

void keep_idle_threads_calm() {
    if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return;
    // GNU's manual of GOMP_SPINCOUNT: with more OpenMP threads than CPUs an idle one spins 100 times, otherwise 300,000
    // times. One that never has anything to do makes them more. That needs no change of the environment, which other
    // threads may be reading, and counts also where the library is loaded already.
    std::thread([] {
        constexpr int kSpare = 2;  // its own thread, which OpenMP does not count, and the idle one
#pragma omp parallel num_threads(kSpare)
        static_cast<void>(omp_get_thread_num());
        while (true) ::pause();
    }).detach();
}

}  // namespace yolovino::runtime::torch_module
