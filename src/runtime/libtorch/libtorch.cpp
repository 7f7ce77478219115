#include <cstdlib>
#include <filesystem>

#include "base/fail.hpp"
#include "base/module_loader.hpp"
#include "runtime/libtorch/entry.hpp"
#include "runtime/session.hpp"

namespace yolovino::runtime {

namespace {

/// The OpenMP library below LibTorch lets idle threads spin for milliseconds. Where other programs want the cores too,
/// that makes an inference 20 times slower (measured: 7 s instead of 0.35 s), so it is kept short. A user's own
/// settings win. It counts only before that library is loaded.
void limit_spinning() {
    if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "1000", 0);
}

LibTorch& libtorch() {
    // The module is built only where LibTorch is there.
    const std::filesystem::path file = base::module_folder() / "yolovino-libtorch.so";
    if (std::error_code ignored; !std::filesystem::exists(file, ignored)) {
        throw Error(ErrorCode::MissingComponent, "libtorch", "LibTorch is not part of this build",
                    {.file = file.string()}, "run 'make' without YOLOVINO_LIBTORCH=0: it installs libtorch-dev and builds the module");
    }
    static LibTorch& loaded = [&]() -> LibTorch& {
        limit_spinning();
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
