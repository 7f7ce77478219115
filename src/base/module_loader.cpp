#include "base/module_loader.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <string>

#include "yolovino/version.hpp"

#include "base/fail.hpp"
#include "base/module_version.hpp"

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

/// @throws Error if the module was not built together with this code
void expect_same_version(void* module, std::string_view name, const fs::path& file) {
    const auto version_entry = reinterpret_cast<ModuleVersionFunction>(::dlsym(module, kModuleVersionEntry));
    const std::string_view found = version_entry == nullptr ? std::string_view() : version_entry();
    if (found == version()) return;
    const std::string got = version_entry == nullptr ? "has no version" : fmt::format("is of version {}", found);
    throw Error(ErrorCode::MissingComponent, "module",
                fmt::format("the '{}' module {}, wanted {}", name, got, version()), {.file = file.string()},
                "install the library and its modules together, from one build");
}

/// @throws Error if it cannot be loaded or does not belong to this code
void* open_module(std::string_view name) {
    const fs::path file = module_folder() / fmt::format("yolovino-{}.so", name);
    void* module = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
        const char* reason = ::dlerror();
        throw Error(ErrorCode::MissingComponent, "module",
                    fmt::format("the '{}' module cannot be loaded: {}", name, reason != nullptr ? reason : "unknown"),
                    {.file = file.string()}, "install all of yolovino, with the libraries that its README lists");
    }
    try {
        expect_same_version(module, name, file);
    } catch (...) {
        ::dlclose(module);
        throw;
    }
    return module;
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
    if (found == loaded.end()) found = loaded.emplace(name, open_module(name)).first;
    void* address = ::dlsym(found->second, symbol);
    if (address == nullptr) {
        throw Error(ErrorCode::MissingComponent, "module", fmt::format("the '{}' module lacks '{}'", name, symbol), {},
                    "install the library and its modules together, from one build");
    }
    return address;
}

}  // namespace yolovino::base
