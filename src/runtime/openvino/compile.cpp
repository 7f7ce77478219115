#include "runtime/openvino/compile.hpp"

#include <algorithm>
#include <fstream>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/properties.hpp>
#include <openvino/runtime/tensor.hpp>
#include <optional>

#include "yolovino/version.hpp"

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "runtime/model_cache.hpp"
#include "runtime/openvino/device.hpp"
#include "runtime/openvino/model_hash.hpp"
#include "writers/openvino/reason.hpp"

namespace yolovino::runtime {

namespace {

/// OpenVINO's own cache: it reaches the devices behind AUTO and MULTI, whose compiled networks cannot be exported as
/// one.
ov::CompiledModel compile_combination(const std::shared_ptr<const ov::Model>& model, const std::string& device,
                                      ov::AnyMap config, const std::filesystem::path& cache_dir) {
    config.insert(ov::cache_dir((cache_dir / "openvino").string()));
    return openvino_core().compile_model(model, device, config);
}

/// What the compiled network depends on; nothing if that cannot be told.
std::optional<std::string> key_of(const std::shared_ptr<const ov::Model>& model, const std::string& device,
                                  const ov::AnyMap& config) {
    ov::Core& core = openvino_core();
    const auto capabilities = core.get_property(device, ov::device::capabilities);
    if (std::ranges::find(capabilities, ov::device::capability::EXPORT_IMPORT) == capabilities.end()) return {};
    base::Sha256 hash;
    if (!add_model(hash, model)) return {};
    hash.add_field(version());
    hash.add_field(ov::get_openvino_version().buildNumber);
    hash.add_field(device);
    const auto supported = core.get_property(device, ov::supported_properties);
    for (const char* property : {ov::device::full_name.name(), ov::device::architecture.name(), "GPU_DRIVER_VERSION",
                                 "NPU_DRIVER_VERSION", "NPU_COMPILER_VERSION"}) {
        if (std::ranges::find(supported, std::string(property)) != supported.end())
            hash.add_field(core.get_property(device, property).as<std::string>());
    }
    for (const std::string& capability : capabilities) hash.add_field(capability);
    for (const auto& [name, value] : config) {
        hash.add_field(name);
        hash.add_field(value.as<std::string>());
    }
    return hash.hexadecimal();
}

std::optional<ov::CompiledModel> import(const ModelCache& cache, const std::string& key, const std::string& device,
                                        const ov::AnyMap& config) {
    const std::optional<ModelCache::Entry> entry = cache.find(key);
    if (!entry) return {};
    try {
        const auto size = static_cast<std::int64_t>(entry->size_bytes);
        const ov::Tensor blob = ov::read_tensor_data(entry->file, ov::element::u8, ov::PartialShape{size});
        if (base::sha256({static_cast<const char*>(blob.data()), blob.get_byte_size()}) == entry->sha256)
            return openvino_core().import_model(blob, device, config);
        base::debug("the cache is damaged: {}", base::printable(entry->file.string()));
    } catch (const std::exception& e) {
        base::debug("the cache cannot be used: {}", writers::openvino::reason_in(e.what()));
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
        base::debug("the compiled model is not kept: {}", writers::openvino::reason_in(e.what()));
    }
}

}  // namespace

ov::CompiledModel compile_cached(const std::shared_ptr<const ov::Model>& model, const std::string& device,
                                 const ov::AnyMap& config, const std::filesystem::path& cache_dir) {
    if (cache_dir.empty()) return openvino_core().compile_model(model, device, config);
    const bool is_combination = device.starts_with("AUTO") || device.find(':') != std::string::npos;
    if (is_combination) return compile_combination(model, device, config, cache_dir);
    const std::optional<std::string> key = key_of(model, device, config);
    if (!key) return openvino_core().compile_model(model, device, config);
    const ModelCache cache(cache_dir, cache_limit_bytes());
    if (std::optional<ov::CompiledModel> known = import(cache, *key, device, config)) {
        base::debug("the compiled model comes from the cache: {}", base::printable(cache_dir.string()));
        return *std::move(known);
    }
    ov::CompiledModel compiled = openvino_core().compile_model(model, device, config);
    store(cache, *key, compiled);
    return compiled;
}

}  // namespace yolovino::runtime
