#include "base/module_loader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "yolovino/error.hpp"
#include "yolovino/version.hpp"

namespace yolovino::base {
namespace {

/// The line of the error that loading ends in; empty if it ends in none.
std::string refusal_of(std::string_view name, const char* symbol = "yolovino_answer") {
    try {
        load_module_symbol(name, symbol);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::MissingComponent);
        return error.what();
    }
    return {};
}

std::string line_of(std::string_view name, std::string_view got) {
    return fmt::format(
        "[module] the '{0}' module {1}, wanted {2} ({3}/yolovino-{0}.so); install the library and its modules "
        "together, "
        "from one build",
        name, got, version(), module_folder().string());
}

TEST(ModuleLoader, TakesAModuleOfItsOwnVersion) {
    const auto answer = reinterpret_cast<int (*)()>(load_module_symbol("same_version", "yolovino_answer"));
    EXPECT_EQ(answer(), 42);
    EXPECT_EQ(load_module_symbol("same_version", "yolovino_answer"), reinterpret_cast<void*>(answer));
}

TEST(ModuleLoader, RefusesAModuleOfAnotherVersion) {
    EXPECT_EQ(refusal_of("other_version"), line_of("other_version", "is of version 0.0.1"));
    EXPECT_EQ(refusal_of("other_version"), line_of("other_version", "is of version 0.0.1")) << "the second time, too";
}

TEST(ModuleLoader, RefusesAModuleWithoutAVersion) {
    EXPECT_EQ(refusal_of("no_version"), line_of("no_version", "has no version"));
}

TEST(ModuleLoader, SaysWhichModuleIsMissingAndWhatOneLacks) {
    EXPECT_NE(refusal_of("absent").find("yolovino-absent.so"), std::string::npos) << refusal_of("absent");
    EXPECT_NE(refusal_of("same_version", "yolovino_question").find("lacks 'yolovino_question'"), std::string::npos);
}

TEST(Version, IsTheSameInTheHeaderAndInTheLibrary) {
    EXPECT_EQ(fmt::format("{}.{}.{}", YOLOVINO_VERSION_MAJOR, YOLOVINO_VERSION_MINOR, YOLOVINO_VERSION_PATCH),
              YOLOVINO_VERSION_STRING);
    EXPECT_EQ(version(), YOLOVINO_VERSION_STRING);
    EXPECT_EQ(version(), YOLOVINO_PROJECT_VERSION) << "what the package files of the build say";
}

}  // namespace
}  // namespace yolovino::base
