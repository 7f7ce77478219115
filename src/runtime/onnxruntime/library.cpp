#include "runtime/onnxruntime/library.hpp"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/fail.hpp"
#include "base/module_loader.hpp"

namespace yolovino::runtime::ort {

namespace fs = std::filesystem;

namespace {

constexpr const char* kVariable = "YOLOVINO_ONNXRUNTIME";
constexpr const char* kHint =
    "run tools/setup.sh, install libonnxruntime, or set YOLOVINO_ONNXRUNTIME to the file libonnxruntime.so";

/// The shared objects of ONNX Runtime in a folder, the newest name last.
std::vector<fs::path> libraries_in(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
        if (entry.path().filename().string().starts_with("libonnxruntime.so")) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
}

std::vector<fs::path> candidates() {
    if (const char* named = std::getenv(kVariable); named != nullptr && *named != '\0') {
        const fs::path path = named;
        std::error_code ignored;
        if (!fs::is_directory(path, ignored)) return {path};
        std::vector<fs::path> found = libraries_in(path);
        return found.empty() ? std::vector<fs::path>{path / "libonnxruntime.so"} : found;
    }
    std::vector<fs::path> all;
    for (const fs::path& folder : {base::module_folder(), fs::path(YOLOVINO_ONNXRUNTIME_FOLDER)}) {
        for (const fs::path& file : libraries_in(folder)) all.push_back(file);
    }
    // Names without a folder: the loader searches the system.
    all.emplace_back("libonnxruntime.so.1");
    all.emplace_back("libonnxruntime.so");
    return all;
}

/// Opens a library and asks for the table of functions; nothing, with the reason, if it cannot serve.
std::optional<Api> open(const fs::path& file, std::string& reason) {
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        const char* text = ::dlerror();
        reason = text != nullptr ? text : "unknown reason";
        return std::nullopt;
    }
    using GetApiBase = const ApiBase* (*)();
    const auto get_base = reinterpret_cast<GetApiBase>(::dlsym(library, "OrtGetApiBase"));
    const ApiBase* base = get_base != nullptr ? get_base() : nullptr;
    const void* const* table = base != nullptr ? base->get_api(kApiVersion) : nullptr;
    if (table == nullptr) {
        reason = fmt::format("{} is not an ONNX Runtime of version 1.{} or later", file.string(), kApiVersion);
        return std::nullopt;
    }
    return Api(table, base->get_version_string());
}

}  // namespace

const Api& api() {
    static std::mutex mutex;
    static std::optional<Api> loaded;
    const std::lock_guard lock(mutex);
    if (loaded) return *loaded;
    std::string reason;
    for (const fs::path& file : candidates()) {
        loaded = open(file, reason);
        if (loaded) return *loaded;
    }
    throw Error(ErrorCode::MissingComponent, "onnxruntime", fmt::format("ONNX Runtime is not installed: {}", reason),
                {}, kHint);
}

}  // namespace yolovino::runtime::ort
