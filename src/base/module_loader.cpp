#include "base/module_loader.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <string>

#include "base/fail.hpp"

namespace yolovino::base {

namespace fs = std::filesystem;

namespace {

/// Folder of the binary that holds this code: the shared library, or the program where it is linked statically.
fs::path own_folder() {
    Dl_info info = {};
    if (::dladdr(reinterpret_cast<const void*>(&load_module_symbol), &info) == 0 || info.dli_fname == nullptr)
        return {};
    std::error_code error;
    const fs::path path = fs::canonical(info.dli_fname, error);
    return (error ? fs::path(info.dli_fname) : path).parent_path();
}

}  // namespace

fs::path module_folder() {
    const fs::path folder = own_folder();
    return folder.empty() ? folder : folder / "yolovino";
}

void* load_module_symbol(std::string_view name, const char* symbol) {
    static std::mutex mutex;
    static std::map<std::string, void*, std::less<>> loaded;
    const std::lock_guard lock(mutex);
    auto found = loaded.find(name);
    if (found == loaded.end()) {
        const fs::path file = module_folder() / fmt::format("yolovino-{}.so", name);
        void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle == nullptr) {
            const char* reason = ::dlerror();
            throw Error(
                ErrorCode::MissingComponent, "module",
                fmt::format("the '{}' module cannot be loaded: {}", name, reason != nullptr ? reason : "unknown"),
                {.file = file.string()}, "install the whole of yolovino with the libraries that its README lists");
        }
        found = loaded.emplace(name, handle).first;
    }
    void* address = ::dlsym(found->second, symbol);
    if (address == nullptr) {
        throw Error(ErrorCode::MissingComponent, "module", fmt::format("the '{}' module lacks '{}'", name, symbol), {},
                    "it belongs to another version of yolovino");
    }
    return address;
}

}  // namespace yolovino::base
