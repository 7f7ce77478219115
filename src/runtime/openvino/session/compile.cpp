#include "runtime/openvino/session/compile.hpp"

#include <algorithm>
#include <dlfcn.h>
#include <fmt/format.h>
#include <fstream>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>
#include <openvino/runtime/tensor.hpp>
#include <optional>
#include <sys/stat.h>

#include "yolovino/version.hpp"

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "openvino/core.hpp"
#include "openvino/translate.hpp"
#include "runtime/model_cache.hpp"
#include "runtime/openvino/session/device.hpp"
#include "runtime/openvino/session/model_hash.hpp"

namespace yolovino::runtime {

namespace {

/// Distinguishes builds of this library, which may make other networks of a file.
std::string library_stamp() {
    Dl_info info = {};
    static const char anchor = 0;
    struct stat facts = {};
    if (::dladdr(&anchor, &info) == 0 || ::stat(info.dli_fname, &facts) != 0) return std::string(version());
    return fmt::format("{} {} {}.{}", version(), facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

/// The start of the keys of all that was compiled of a network.
std::string start_of_keys(const std::string& identity) {
    constexpr std::size_t kDigits = 16;
    base::Sha256 hash;
    hash.add_field(identity);
    hash.add_field(library_stamp());
    return hash.hexadecimal().substr(0, kDigits) + "-";
}

/// False if the network cannot be distinguished from others.
bool add_network(base::Sha256& hash, const CompileJob& job) {
    if (job.identity.empty()) return add_model(hash, job.model());
    hash.add_field(job.identity);
    hash.add_field(job.shape);
    hash.add_field(library_stamp());
    return true;
}

void add_setting(base::Sha256& hash, const CompileJob& job) {
    hash.add_field(version());
    hash.add_field(ov::get_openvino_version().buildNumber);
    hash.add_field(job.device);
    for (const auto& [name, value] : job.config) {
        hash.add_field(name);
        hash.add_field(value.as<std::string>());
    }
}

std::string key_from(base::Sha256& hash, const CompileJob& job) {
    return (job.identity.empty() ? "" : start_of_keys(job.identity)) + hash.hexadecimal();
}

/// What the compiled network depends on; nothing if that is unknown.
std::optional<std::string> key_of(const CompileJob& job) {
    ov::Core& core = openvino::core();
    const auto capabilities = core.get_property(job.device, ov::device::capabilities);
    if (std::ranges::find(capabilities, ov::device::capability::EXPORT_IMPORT) == capabilities.end()) return {};
    base::Sha256 hash;
    if (!add_network(hash, job)) return {};
    add_setting(hash, job);
    const auto supported = core.get_property(job.device, ov::supported_properties);
    for (const char* property : {ov::device::full_name.name(), ov::device::architecture.name(), "GPU_DRIVER_VERSION",
                                 "NPU_DRIVER_VERSION", "NPU_COMPILER_VERSION"}) {
        if (std::ranges::find(supported, std::string(property)) != supported.end())
            hash.add_field(core.get_property(job.device, property).as<std::string>());
    }
    for (const std::string& capability : capabilities) hash.add_field(capability);
    return key_from(hash, job);
}

ov::CompiledModel compile_plainly(const CompileJob& job) {
    return openvino::core().compile_model(job.model(), job.device, job.config);
}

/// With OpenVINO's own cache: it reaches the devices behind AUTO and MULTI, whose compiled networks cannot be exported
/// as one. It checks no bytes, so each network has a folder that is checked before.
ov::CompiledModel compile_combination(const CompileJob& job, const ModelCache& cache) {
    base::Sha256 hash;
    if (!add_network(hash, job)) return compile_plainly(job);
    add_setting(hash, job);
    const std::string key = key_from(hash, job);
    try {
        ov::AnyMap config = job.config;
        config.insert(ov::cache_dir(cache.open_folder(key).string()));
        ov::CompiledModel compiled = openvino::core().compile_model(job.model(), job.device, config);
        cache.seal_folder(key);
        return compiled;
    } catch (const std::exception& e) {
        base::debug("the cache cannot be used: {}", openvino::reason_in(e.what()));
    }
    return compile_plainly(job);
}

std::optional<ov::CompiledModel> import(const ModelCache& cache, const std::string& key, const std::string& device,
                                        const ov::AnyMap& config) {
    const std::optional<ModelCache::Entry> entry = cache.find(key);
    if (!entry) return {};
    try {
        const auto size = static_cast<std::int64_t>(entry->size_bytes);
        const ov::Tensor blob = ov::read_tensor_data(entry->file, ov::element::u8, ov::PartialShape{size});
        if (base::sha256({static_cast<const char*>(blob.data()), blob.get_byte_size()}) == entry->sha256)
            return openvino::core().import_model(blob, device, config);
        base::debug("the cache is damaged: {}", base::printable(entry->file.string()));
    } catch (const std::exception& e) {
        base::debug("the cache cannot be used: {}", openvino::reason_in(e.what()));
    }
    cache.remove(key);
    return {};
}

void store(const ModelCache& cache, const std::string& key, ov::CompiledModel& compiled) {
    try {
        cache.add(key, [&](const std::filesystem::path& file) {
            std::ofstream out(file, std::ios::binary);
            compiled.export_model(out);
        });
    } catch (const std::exception& e) {
        base::debug("the compiled model is not cached: {}", openvino::reason_in(e.what()));
    }
}

}  // namespace

ov::CompiledModel compile_cached(const CompileJob& job) {
    if (job.cache_dir.empty()) return compile_plainly(job);
    const ModelCache cache(job.cache_dir, cache_limit_bytes());
    const bool is_combination = job.device.starts_with("AUTO") || job.device.find(':') != std::string::npos;
    if (is_combination) return compile_combination(job, cache);
    const std::optional<std::string> key = key_of(job);
    if (!key) return compile_plainly(job);
    if (std::optional<ov::CompiledModel> known = import(cache, *key, job.device, job.config)) {
        base::debug("the compiled model is loaded from the cache: {}", base::printable(job.cache_dir.string()));
        return *std::move(known);
    }
    ov::CompiledModel compiled = compile_plainly(job);
    store(cache, *key, compiled);
    return compiled;
}

bool is_kept(const std::string& identity, const std::filesystem::path& cache_dir) {
    return !cache_dir.empty() && ModelCache(cache_dir, cache_limit_bytes()).has_prefix(start_of_keys(identity));
}

}  // namespace yolovino::runtime
