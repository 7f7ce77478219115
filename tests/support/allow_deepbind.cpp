#include <dlfcn.h>

/// TBB, which OpenVINO uses, loads its binding library with RTLD_DEEPBIND, and AddressSanitizer ends any process that
/// does. Programs built with it load without the flag: this definition is found before the sanitizer's own.
extern "C" __attribute__((visibility("default"))) void* dlopen(const char* file, int mode) noexcept {
    using Open = void* (*)(const char*, int);
    static const auto next = reinterpret_cast<Open>(::dlsym(RTLD_NEXT, "dlopen"));
    return next(file, mode & ~RTLD_DEEPBIND);
}
