#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "metadata/syntax.hpp"

/// Small texts that stand for huge or deep values: each is refused, or read, at once.
namespace yolovino::metadata {
namespace {

std::string repeated(std::string_view part, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += part;
    return out;
}

template <typename Parse>
void expect_refused(const std::string& text, const Parse& parse) {
    try {
        parse(text);
        ADD_FAILURE() << "accepted: " << text.substr(0, 40);
    } catch (const Error& error) {
        EXPECT_TRUE(error.code() == ErrorCode::CorruptFile || error.code() == ErrorCode::LimitExceeded);
        EXPECT_LT(std::string_view(error.what()).size(), 1'000U);
    }
}

void yaml(const std::string& text) {
    parse_yaml(text, "metadata.yaml");
}

TEST(Bombs, YamlAliasesDoNotMultiply) {
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i <= 30; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        laughs +=
            "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + repeated(", " + before, 9) + "]\n";
    }
    expect_refused(laughs, yaml);
    // A node that holds itself.
    expect_refused("a: &a [*a]\n", yaml);
    expect_refused("&a {k: *a}\n", yaml);
}

TEST(Bombs, YamlDoesNotNestTheStack) {
    for (const char* open : {"[", "{", "- ", "? ", "{a: ", "[[", "!a [", "&a [", "- - "})
        expect_refused(repeated(open, 200'000), yaml);
    std::string indented;
    for (int i = 0; i < 3'000; ++i) indented += repeated(" ", i) + "a:\n";
    expect_refused(indented, yaml);
    expect_refused(repeated("[", 17) + "x" + repeated("]", 17), yaml);
}

TEST(Bombs, JsonAndLiteralsDoNotNestTheStack) {
    const auto json = [](const std::string& text) { parse_json(text, "config.txt"); };
    const auto python = [](const std::string& text) { parse_python(text, "names", "x.onnx"); };
    for (const int levels : {18, 200'000}) {
        expect_refused(repeated("[", levels) + repeated("]", levels), json);
        expect_refused(repeated("{\"a\":", levels) + "1" + repeated("}", levels), json);
        expect_refused(repeated("[", levels) + repeated("]", levels), python);
        expect_refused(repeated("(", levels) + repeated(")", levels), python);
        expect_refused(repeated("{1:", levels) + "1" + repeated("}", levels), python);
        expect_refused(repeated("{", levels), python);
    }
}

TEST(Bombs, WideValuesAreCapped) {
    const std::string many = repeated("1,", 300'001) + "1";
    expect_refused("[" + many + "]", yaml);
    expect_refused("[" + many + "]", [](const std::string& text) { parse_json(text, "config.txt"); });
    expect_refused("[" + many + "]", [](const std::string& text) { parse_python(text, "names", "x.onnx"); });
}

}  // namespace
}  // namespace yolovino::metadata
