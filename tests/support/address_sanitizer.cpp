#include <dlfcn.h>

#define YOLOVINO_FOUND_BY_THE_SANITIZER extern "C" __attribute__((visibility("default")))

/// TBB, which OpenVINO uses, loads its binding library with RTLD_DEEPBIND, and AddressSanitizer ends any process that
/// does. Programs built with it load without the flag: this definition is found before the sanitizer's own.
YOLOVINO_FOUND_BY_THE_SANITIZER void* dlopen(const char* file, int mode) noexcept {
    using Open = void* (*)(const char*, int);
    static const auto next = reinterpret_cast<Open>(::dlsym(RTLD_NEXT, "dlopen"));
    return next(file, mode & ~RTLD_DEEPBIND);
}

/// What these libraries keep for the life of the process is not ours to free.
YOLOVINO_FOUND_BY_THE_SANITIZER const char* __lsan_default_suppressions() {
    return "leak:libopenvino\n"
           "leak:libtbb\n"
           "leak:libfontconfig\n"
           "leak:libonnxruntime\n"
           "leak:libtorch\n"
           "leak:libc10\n"
           "leak:libavcodec\n"
           "leak:libopencv\n";
}
