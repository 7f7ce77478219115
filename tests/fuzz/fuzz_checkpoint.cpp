#include "yolovino/error.hpp"

#include "checkpoint/checkpoint.hpp"
#include "fuzz/input.hpp"
#include "support/forge_zip.hpp"

namespace yolovino {
namespace {

void read_all(const checkpoint::Checkpoint& file, const checkpoint::Module& module) {
    for (const auto& list : {&module.parameters, &module.buffers}) {
        for (const auto& [name, tensor] : *list) {
            if (!tensor) continue;
            try {
                fuzz::expect(file.read_f32(*tensor, name).size() == tensor->element_count(), "a tensor has its size");
            } catch (const Error&) {
            }
        }
    }
    for (const auto& [name, value] : module.attributes) value.to_text();
}

}  // namespace
}  // namespace yolovino

/// A whole file, or, if it is none, a pickle that is put into one, so that changes need no right CRC.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    const std::string_view bytes = fuzz::text_of(data, size);
    const std::string whole =
        bytes.starts_with("PK") || bytes.starts_with("\x80\x02\x8a\x0a")
            ? std::string(bytes)
            : test::forge::archive(std::string(bytes), {std::string(16, '\0'), std::string(8, '\1')}).bytes();
    const fuzz::MemoryFile input(whole);
    try {
        const auto file = checkpoint::Checkpoint::open(input.path());
        std::vector<const checkpoint::Module*> left{&file.model()};
        // By path: the reader has bounded their number.
        for (std::size_t seen = 0; !left.empty(); ++seen) {
            fuzz::expect(seen <= 10'000, "modules by path are capped");
            const checkpoint::Module* module = left.back();
            left.pop_back();
            if (seen < 200) read_all(file, *module);
            for (const auto& [name, child] : module->children) left.push_back(child.get());
        }
        for (const auto& [key, value] : file.metadata()) value.to_text();
    } catch (const Error& error) {
        fuzz::expect(error.code() == ErrorCode::CorruptFile || error.code() == ErrorCode::LimitExceeded ||
                         error.code() == ErrorCode::UnsupportedFile || error.code() == ErrorCode::UnsupportedModel,
                     "a checkpoint is refused with one of four codes");
    }
    return 0;
}
