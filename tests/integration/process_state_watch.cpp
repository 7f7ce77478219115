// Loaded before a program's libraries (LD_PRELOAD), this writes down every change of the state that all threads of a
// process share, once there are several: a line with the function, what it was asked for, and the binary it came from,
// into the file that YOLOVINO_WATCH_FILE names.

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

bool several_threads() {
    int threads = 0;
    if (DIR* const tasks = ::opendir("/proc/self/task")) {
        while (::readdir(tasks) != nullptr) ++threads;
        ::closedir(tasks);
    }
    constexpr int kDots = 2;
    return threads > 1 + kDots;
}

void note(const char* function, const char* argument, const void* caller) {
    const char* const file = std::getenv("YOLOVINO_WATCH_FILE");
    if (file == nullptr || !several_threads()) return;
    Dl_info info = {};
    const bool known = ::dladdr(caller, &info) != 0 && info.dli_fname != nullptr;
    char line[1024];
    const int size = std::snprintf(line, sizeof(line), "%s %s %s\n", function, argument != nullptr ? argument : "-",
                                   known ? info.dli_fname : "?");
    const int out = ::open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out < 0 || ::write(out, line, static_cast<std::size_t>(size)) != size) ::_exit(99);
    ::close(out);
}

template <typename Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#define YOLOVINO_CALLER __builtin_extract_return_addr(__builtin_return_address(0))

extern "C" {

__attribute__((visibility("default"))) int setenv(const char* name, const char* value, int replace) noexcept {
    note("setenv", name, YOLOVINO_CALLER);
    return next<int(const char*, const char*, int)>("setenv")(name, value, replace);
}

__attribute__((visibility("default"))) int unsetenv(const char* name) noexcept {
    note("unsetenv", name, YOLOVINO_CALLER);
    return next<int(const char*)>("unsetenv")(name);
}

__attribute__((visibility("default"))) int putenv(char* text) noexcept {
    note("putenv", text, YOLOVINO_CALLER);
    return next<int(char*)>("putenv")(text);
}

__attribute__((visibility("default"))) int clearenv() noexcept {
    note("clearenv", nullptr, YOLOVINO_CALLER);
    return next<int()>("clearenv")();
}

__attribute__((visibility("default"))) char* setlocale(int category, const char* locale) noexcept {
    if (locale != nullptr) note("setlocale", locale, YOLOVINO_CALLER);
    return next<char*(int, const char*)>("setlocale")(category, locale);
}

__attribute__((visibility("default"))) int chdir(const char* path) noexcept {
    note("chdir", path, YOLOVINO_CALLER);
    return next<int(const char*)>("chdir")(path);
}

__attribute__((visibility("default"))) mode_t umask(mode_t mask) noexcept {
    note("umask", nullptr, YOLOVINO_CALLER);
    return next<mode_t(mode_t)>("umask")(mask);
}

}  // extern "C"
