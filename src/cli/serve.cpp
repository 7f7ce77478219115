#include "cli/serve.hpp"

#include <csignal>
#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

#include "yolovino/error.hpp"
#include "yolovino/version.hpp"

#include "base/module_version.hpp"
#include "cli/console.hpp"
#include "cli/signals.hpp"
#include "cli/text.hpp"
#include "serve/serve.hpp"

namespace yolovino::cli {

namespace {

namespace fs = std::filesystem;

constexpr int kInterrupted = 128 + SIGINT;

/// Beside the library, as its own modules.
fs::path module_file() {
    Dl_info info = {};
    if (::dladdr(reinterpret_cast<const void*>(&version), &info) == 0 || info.dli_fname == nullptr) return {};
    std::error_code error;
    const fs::path library = fs::canonical(info.dli_fname, error);
    return (error ? fs::path(info.dli_fname) : library).parent_path() / "yolovino" / "yolovino-serve.so";
}

[[noreturn]] void fail_to_load(const fs::path& file, const std::string& reason) {
    throw Error(ErrorCode::MissingComponent, "module", fmt::format("the 'serve' module cannot be used: {}", reason),
                {.file = file.string()}, "install all of yolovino, with the libraries that its README lists");
}

serve::ServeFunction load() {
    const fs::path file = module_file();
    void* module = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
        const char* reason = ::dlerror();
        fail_to_load(file, reason != nullptr ? reason : "unknown");
    }
    const auto version_of = reinterpret_cast<base::ModuleVersionFunction>(::dlsym(module, base::kModuleVersionEntry));
    const std::string_view found = version_of == nullptr ? std::string_view("none") : version_of();
    if (found != version()) fail_to_load(file, fmt::format("its version is {}, wanted {}", found, version()));
    const auto entry = reinterpret_cast<serve::ServeFunction>(::dlsym(module, serve::kServeEntry));
    if (entry == nullptr) fail_to_load(file, fmt::format("it lacks '{}'", serve::kServeEntry));
    return entry;
}

}  // namespace

int run_serve(const Settings& settings) {
    // Besides the time in which it is still open, what runs must come to its end.
    StopSignals signals(settings.serve.drain + settings.serve.timeout);
    const int status = load()(settings, {.print =
                                             [](std::string_view line) {
                                                 print(fmt::format("{}\n", line));
                                                 static_cast<void>(flush_output());
                                             },
                                         .warn = [](std::string_view line) { print_warning(line); },
                                         .on_stop =
                                             [&](std::function<void(bool)> stop) {
                                                 signals.on_stop([&signals, stop = std::move(stop)] {
                                                     stop(signals.status() == kInterrupted);
                                                 });
                                             }});
    signals.on_stop({});
    return signals.status() != 0 ? signals.status() : status;
}

}  // namespace yolovino::cli
