#include "runtime/libtorch/libtorch.hpp"

#include <filesystem>

#include "base/fail.hpp"
#include "base/module_loader.hpp"

namespace yolovino::runtime {

namespace {

LibTorch& libtorch() {
    // The module is built only where LibTorch is there.
    const std::filesystem::path file = base::module_folder() / "yolovino-libtorch.so";
    if (std::error_code ignored; !std::filesystem::exists(file, ignored)) {
        throw Error(ErrorCode::MissingComponent, "libtorch", "LibTorch is not part of this build",
                    {.file = file.string()},
                    "run 'make' without YOLOVINO_LIBTORCH=0: it installs libtorch-dev and builds the module");
    }
    static LibTorch& loaded = [&]() -> LibTorch& {
        void* symbol = base::load_module_symbol(kLibTorchModule, kLibTorchEntry);
        return *reinterpret_cast<LibTorch* (*)()>(symbol)();
    }();
    return loaded;
}

}  // namespace

std::unique_ptr<LoadedNetwork> load_libtorch(const std::filesystem::path& torchscript, const DeclaredShape& declared) {
    return libtorch().load(torchscript, declared);
}

std::unique_ptr<LoadedNetwork> load_libtorch(std::shared_ptr<const graph::Graph> graph) {
    return libtorch().build(std::move(graph));
}

std::string libtorch_version() {
    return libtorch().version();
}

}  // namespace yolovino::runtime
