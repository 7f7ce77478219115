#include <dlfcn.h>
#include <string_view>

#define YOLOVINO_FOUND_BY_THE_SANITIZER extern "C" __attribute__((visibility("default")))

namespace {

/// GCC 12's leak checker crashes at the end of processes whose many threads use libraries that were loaded late.
bool leaks_cannot_be_checked = false;

}  // namespace

/// TBB, which OpenVINO uses, loads its binding library with RTLD_DEEPBIND, and AddressSanitizer and ThreadSanitizer end
/// any process that does. Programs built with it load without the flag: this definition is found before the sanitizer's
/// own.
YOLOVINO_FOUND_BY_THE_SANITIZER void* dlopen(const char* file, int mode) noexcept {
    using Open = void* (*)(const char*, int);
    static const auto next = reinterpret_cast<Open>(::dlsym(RTLD_NEXT, "dlopen"));
    const std::string_view name = file == nullptr ? "" : file;
    for (const char* part : {"yolovino-libtorch", "libopenvino_intel_cpu_plugin"}) {
        if (name.find(part) != std::string_view::npos) leaks_cannot_be_checked = true;
    }
    return next(file, mode & ~RTLD_DEEPBIND);
}

YOLOVINO_FOUND_BY_THE_SANITIZER int __lsan_is_turned_off() {
    return leaks_cannot_be_checked ? 1 : 0;
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
