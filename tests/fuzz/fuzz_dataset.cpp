#include "yolovino/error.hpp"

#include "data/dataset.hpp"
#include "fuzz/input.hpp"

namespace yolovino {
namespace {

/// A folder with images and a list of them, which is also the current folder and the home.
const fuzz::Scratch& place() {
    static const fuzz::Scratch scratch;
    static const bool made = [] {
        std::filesystem::create_directories(scratch.path() / "images/val");
        std::filesystem::create_directories(scratch.path() / "work");
        scratch.write("images/val/a.jpg", "x");
        scratch.write("images/val/b.png", "x");
        scratch.write("val.txt", "images/val/a.jpg\n./images/val/b.png\n\nnone.jpg\n");
        ::setenv("HOME", scratch.path().c_str(), 1);
        return ::chdir((scratch.path() / "work").c_str()) == 0;
    }();
    fuzz::expect(made, "the folder can be entered");
    return scratch;
}

}  // namespace
}  // namespace yolovino

/// An accepted dataset has images, and classes within the cap.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace yolovino;
    const std::string_view text = fuzz::text_of(data, size);
    // Paths that leave the folder would make the test walk over the machine.
    for (const char* part : {"/", "..", "\\", "~"}) {
        if (text.find(part) != std::string_view::npos) return 0;
    }
    const auto yaml = place().write("data.yaml", text);
    for (const char* split : {"val", "train"}) {
        try {
            const data::DatasetSplit found = data::read_dataset(yaml, split);
            fuzz::expect(!found.images.empty() && !found.names.empty() && found.names.size() <= 100'000,
                         "a dataset has images and classes");
        } catch (const Error&) {
        }
    }
    return 0;
}
