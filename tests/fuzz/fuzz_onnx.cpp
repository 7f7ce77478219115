#include "fuzz/exported.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    yolovino::fuzz::describe("model.onnx", data, size);
    return 0;
}
