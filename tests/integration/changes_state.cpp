// Does what the library must not do, for the watch to see it: changes the environment beside a second thread.

#include <atomic>
#include <cstdlib>
#include <thread>

int main() {
    std::atomic<bool> done = false;
    std::thread second([&] { done.wait(false); });
    const int status = ::setenv("YOLOVINO_TEST", "1", 1);
    done = true;
    done.notify_all();
    second.join();
    return status;
}
