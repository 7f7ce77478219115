#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace yolovino {
namespace {

namespace fs = std::filesystem;

/// What a program of binutils prints, which every machine with a compiler has.
std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);  // NOLINT(cert-env33-c)
    std::string text;
    char piece[4096];
    for (std::size_t count = 1; pipe && count > 0;) {
        count = std::fread(piece, 1, sizeof piece, pipe.get());
        text.append(piece, count);
    }
    return text;
}

std::vector<std::string> lines_of(const std::string& command) {
    std::istringstream text(output_of(command));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

const std::string kLibrary = YOLOVINO_BINARY_DIR "/libyolovino.so";

std::vector<std::string> modules() {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(YOLOVINO_BINARY_DIR "/yolovino")) {
        if (entry.path().extension() == ".so") files.push_back(entry.path());
    }
    return files;
}

std::vector<std::string> binaries() {
    std::vector<std::string> files = modules();
    files.insert(files.end(), {YOLOVINO_COMMAND, kLibrary});
    return files;
}

bool holds(const std::string& text, const std::string& word) {
    return text.find(word) != std::string::npos;
}

TEST(Hardening, TheCommandMayBeLoadedAnywhere) {
    EXPECT_TRUE(holds(output_of("readelf -hW '" YOLOVINO_COMMAND "'"), "DYN (Position-Independent Executable"));
}

TEST(Hardening, NothingIsWritableAndExecutable) {
    for (const std::string& file : binaries()) {
        const std::string headers = output_of("readelf -lW '" + file + "'");
        EXPECT_TRUE(holds(headers, "GNU_RELRO")) << file;
        EXPECT_TRUE(holds(headers, "GNU_STACK")) << file;
        EXPECT_FALSE(holds(headers, "RWE")) << file;
    }
}

TEST(Hardening, AddressesAreBoundAtTheStartAndThenReadOnly) {
    for (const std::string& file : binaries())
        EXPECT_TRUE(holds(output_of("readelf -dW '" + file + "'"), "BIND_NOW")) << file;
}

TEST(Hardening, StackAndCopiesAreGuarded) {
    const std::string symbols = output_of("nm -D --undefined-only '" + kLibrary + "'");
    EXPECT_TRUE(holds(symbols, "__stack_chk_fail"));
#ifdef NDEBUG
    // Without optimisation there is no fortification.
    EXPECT_TRUE(holds(symbols, "_chk@")) << "the C library's checked functions are not used";
#endif
}

TEST(Hardening, TheLibraryShowsItsInterfaceAndNothingElse) {
    const std::vector<std::string> symbols = lines_of("nm -DC --defined-only '" + kLibrary + "'");
    EXPECT_GT(symbols.size(), 50U) << "the test did not look";
    for (const std::string& symbol : symbols)
        EXPECT_TRUE(holds(symbol, " yolovino::") || holds(symbol, "for yolovino::")) << symbol;
    for (const std::string& symbol : symbols) {
        // `address type name`: no room of the library.
        for (const char* inner : {"checkpoint::", "scan::", "engine::", "vision::", "base::", "runtime::", "data::"})
            EXPECT_FALSE(
                symbol.substr(std::min<std::size_t>(symbol.size(), 19)).starts_with("yolovino::" + std::string(inner)))
                << symbol;
        for (const char* inner :
             {"yolovino::engine::LoadedModel", "yolovino::Predictions::Impl", "yolovino::Error::State"})
            EXPECT_FALSE(holds(symbol, inner + std::string("::"))) << symbol;
    }
}

TEST(Hardening, EachModuleShowsItsEntryAndItsVersionAndNothingElse) {
    EXPECT_GE(modules().size(), 4U) << "the test did not look";
    for (const std::string& file : modules()) {
        const std::vector<std::string> symbols = lines_of("nm -D --defined-only '" + file + "'");
        EXPECT_EQ(symbols.size(), 2U) << file;
        const auto is_version = [](const std::string& symbol) {
            return symbol.ends_with(" T yolovino_module_version");
        };
        EXPECT_EQ(std::ranges::count_if(symbols, is_version), 1) << file;
        for (const std::string& symbol : symbols) EXPECT_TRUE(holds(symbol, " T yolovino_")) << symbol;
    }
}

}  // namespace
}  // namespace yolovino
