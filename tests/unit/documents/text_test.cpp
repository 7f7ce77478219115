#include "documents/text.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "yolovino/error.hpp"

#include "documents/list.hpp"

namespace yolovino::documents {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> out;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) out.emplace_back(line);
    return out;
}

std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> out;
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) out.emplace_back(word);
    return out;
}

using Texts = std::vector<std::string>;

TEST(Text, LinesEndWhereSplitlinesEndsThem) {
    EXPECT_EQ(lines_of("a\nb\r\nc\rd\ve\ff\x1Cg\x1Dh\x1Ei\xC2\x85j\xE2\x80\xA8k\xE2\x80\xA9l"),
              (Texts{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}));
    EXPECT_EQ(lines_of("a\n\n\r\nb\n"), (Texts{"a", "", "", "b"}));
    EXPECT_EQ(lines_of("a\x1F"
                       "b\xC2\xA0"
                       "c\xE2\x80\x8B"),
              (Texts{"a\x1F"
                     "b\xC2\xA0"
                     "c\xE2\x80\x8B"}));
    EXPECT_TRUE(lines_of("").empty());
    Lines lines("a\r\n\r\nb");
    std::string_view line;
    while (lines.next(line)) continue;
    EXPECT_EQ(lines.number(), 3U);
}

TEST(Text, WordsAreSplitAsPythonSplitsThem) {
    EXPECT_EQ(words_of(" a\tb\xC2\xA0"
                       "c\xE2\x80\x83"
                       "d\xE3\x80\x80"
                       "e\x1F"
                       "f\xE1\x9A\x80g "),
              (Texts{"a", "b", "c", "d", "e", "f", "g"}));
    EXPECT_EQ(words_of("a\xE2\x80\x8B"
                       "b \xEF\xBB\xBF"
                       "c"),
              (Texts{"a\xE2\x80\x8B"
                     "b",
                     "\xEF\xBB\xBF"
                     "c"}));
    EXPECT_EQ(strip("\xC2\xA0 \xE3\x80\x80 a b\xE2\x80\xA8\t"), "a b");
    EXPECT_EQ(strip(" \xC2\xA0"), "");
    EXPECT_EQ(strip("\xA0"
                    "a\x85"),
              "\xA0"
              "a\x85")
        << "bytes that are no UTF-8 are no spaces";
}

TEST(Text, NumbersAreReadAsPythonFloatReadsThem) {
    EXPECT_EQ(python_float("+1_0.2_5e-1_0"), 10.25e-10);
    EXPECT_EQ(python_float("\xEF\xBC\x90.\xEF\xBC\x95"), 0.5);
    EXPECT_EQ(python_float("-Infinity"), -HUGE_VAL);
    EXPECT_TRUE(std::isnan(python_float("+nAn").value()));
    EXPECT_EQ(python_float("1e999"), HUGE_VAL);
    EXPECT_EQ(python_float("-1e-999"), 0);
    EXPECT_EQ(python_float("0." + std::string(400, '0') + "1"), 0);
    EXPECT_EQ(python_float("1" + std::string(400, '0')), HUGE_VAL);
    EXPECT_EQ(python_float("1" + std::string(400, '0') + "e-400"), 1);
    EXPECT_EQ(python_float("0e99999999999999999999"), 0);
    EXPECT_EQ(python_float("1e-99999999999999999999"), 0);
    for (const char* word :
         {"", "+", "1__0", "_1", "1_", "1_.5", "0x1", "1e", "infinit", "nan(1)", "--1", "+-1", "1,5", "½"})
        EXPECT_FALSE(python_float(word).has_value()) << word;
    EXPECT_EQ(python_int(" 1_0 "), 10);
    EXPECT_EQ(python_int("-0"), 0);
    for (const char* word : {"", "1.0", "0x1", "+-1", "99999999999999999999"})
        EXPECT_FALSE(python_int(word).has_value()) << word;
}

TEST(Text, BytesThatAreNoUtf8AreNamed) {
    EXPECT_EQ(utf8_problem("a\nb\xC3\xA9"), "");
    EXPECT_EQ(utf8_problem("a\r\nb\n\xE9"), "byte 0xE9 near line 2 is not UTF-8");
    EXPECT_EQ(utf8_problem("\xFE\xFF"), "the file is UTF-16, wanted UTF-8");
    EXPECT_EQ(without_byte_order_mark("\xEF\xBB\xBF\xEF\xBB\xBF"
                                      "a"),
              "\xEF\xBB\xBF"
              "a");
}

TEST(Text, CellsOfCsvHaveLineNumbers) {
    const auto entries = read_csv("id,source\n1,\"a,\"\"b\"\".jpg\"\n\n2, c.jpg \n3\n4,\"d\ne\"\n", {"test", "x.csv"});
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].text, "a,\"b\".jpg");
    EXPECT_EQ(entries[0].line, 2U);
    EXPECT_EQ(entries[1].text, "c.jpg");
    EXPECT_EQ(entries[1].line, 4U);
    EXPECT_EQ(entries[2].text, "de") << "a break within quotes is left out";
    EXPECT_EQ(read_csv("a.jpg,b.jpg\n", {"test", "x.csv"}).size(), 2U);
    EXPECT_THROW(read_csv(std::string("\xFF\xFEs\0", 4), {"test", "x.csv"}), Error);
}

}  // namespace
}  // namespace yolovino::documents
