#include <csignal>

extern "C" __attribute__((visibility("default"))) const void* OrtGetApiBase() {
    static_cast<void>(std::raise(SIGKILL));
    return nullptr;
}
