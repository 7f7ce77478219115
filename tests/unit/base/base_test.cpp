#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "support/shared.hpp"

namespace yolovino::base {
namespace {

namespace fs = std::filesystem;

TEST(Printable, EscapesWhatATerminalWouldObey) {
    EXPECT_EQ(printable("naïve 猫"), "naïve 猫");
    EXPECT_EQ(printable("\x1b[31m\n"), "\\x1b[31m\\x0a");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
    EXPECT_EQ(printable("\xff\xc0\xaf"), "\\xff\\xc0\\xaf");
    EXPECT_LE(printable(std::string(1000, 'a'), 100).size(), 103U);
}

TEST(Printable, EscapesWhatIsNoValidUtf8) {
    EXPECT_EQ(printable("\xe0\x82\x9b"), "\\xe0\\x82\\x9b");           // overlong: a lax terminal sees U+009B
    EXPECT_EQ(printable("\xf0\x80\x80\x9b"), "\\xf0\\x80\\x80\\x9b");  // overlong
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
    EXPECT_EQ(printable("a\xe7\x8c"), "a\\xe7\\x8c");                  // cut
    EXPECT_EQ(printable("\xf4\x8f\xbf\xbd\xee\x80\x80"), "\xf4\x8f\xbf\xbd\xee\x80\x80");  // the valid neighbours
}

TEST(Printable, EscapesWhatTurnsTheDirectionOfWriting) {
    for (const char* const mark :
         {"\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u0080", "\u009f"}) {
        const std::string text = printable("a" + std::string(mark) + "gpj.exe");
        EXPECT_EQ(text.find(mark), std::string::npos) << text;
        EXPECT_TRUE(text.starts_with("a\\x") && text.ends_with("gpj.exe")) << text;
    }
    EXPECT_EQ(printable("\u202e"), "\\xe2\\x80\\xae");
    for (const char* const plain : {"\u061b", "\u200d", "\u2010", "\u202f", "\u2065", "\u206a", "\u00a0", "שלום"})
        EXPECT_EQ(printable(plain), plain);
}

TEST(Error, IsOneLineWithPlaceAndHint) {
    const Error error(ErrorCode::CorruptFile, "checkpoint", "got 1\nwanted 2",
                      {.file = "a.pt", .offset_bytes = 0x1a40, .module_path = "model.0"}, "fetch it again");
    EXPECT_STREQ(error.what(), "[checkpoint] got 1\\x0awanted 2 (a.pt at 0x1a40, in model.0); fetch it again");
    EXPECT_EQ(to_string(error.code()), "CorruptFile");
}

TEST(Bytes, ReadsThatDoNotFitMoveNothing) {
    const std::array<std::byte, 3> bytes{};
    ByteReader reader(bytes);
    EXPECT_FALSE(reader.read<std::uint32_t>());
    EXPECT_FALSE(reader.take(~std::uint64_t{0}));
    EXPECT_EQ(reader.offset(), 0U);
    EXPECT_TRUE(reader.read<std::uint16_t>());
    EXPECT_EQ(reader.remaining(), 1U);
    EXPECT_FALSE(checked_mul(1ULL << 33U, 1ULL << 33U));
    EXPECT_FALSE(checked_add(~0ULL, 1));
}

TEST(File, RefusesFoldersAndPipesAndReadsBeyondTheEnd) {
    const test::TempFolder folder;
    EXPECT_THROW(RandomAccessFile(folder.path()), Error);
    EXPECT_THROW(RandomAccessFile(folder.path() / "gone"), Error);
    write_text_file(folder.path() / "a", "abc");
    const RandomAccessFile file(folder.path() / "a");
    EXPECT_THROW(file.read(2, std::uint64_t{2}), Error);
    EXPECT_THROW(file.read(1, ~std::uint64_t{0}), Error);
    EXPECT_EQ(sha256(file), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(PendingPath, LeavesNothingWithoutACommit) {
    const test::TempFolder folder;
    {
        const PendingPath pending(folder.path() / "result", PendingPath::Kind::Folder);
        std::ofstream(pending.path() / "half") << "half";
    }
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(PendingPath, ReplacesAWholeFolder) {
    const test::TempFolder folder;
    fs::create_directory(folder.path() / "result");
    std::ofstream(folder.path() / "result/new") << "old";
    std::ofstream(folder.path() / "result/foreign") << "foreign";
    PendingPath pending(folder.path() / "result/", PendingPath::Kind::Folder);
    std::ofstream(pending.path() / "new") << "new";
    pending.commit();
    EXPECT_EQ(read_text_file(folder.path() / "result/new", 10), "new");
    EXPECT_EQ(read_text_file(folder.path() / "result/foreign", 10), "foreign");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(PendingPath, FollowsALinkToAFolder) {
    const test::TempFolder folder;
    fs::create_directory(folder.path() / "real");
    fs::create_directory_symlink(folder.path() / "real", folder.path() / "link");
    PendingPath pending(folder.path() / "link", PendingPath::Kind::Folder);
    std::ofstream(pending.path() / "new") << "new";
    pending.commit();
    EXPECT_TRUE(fs::is_symlink(folder.path() / "link"));
    EXPECT_TRUE(fs::exists(folder.path() / "real/new"));
}

TEST(PendingPath, TakesTheLongestName) {
    const test::TempFolder folder;
    const std::string ascii(255, 'a');
    std::string wide;
    for (int i = 0; i < 85; ++i) wide += "猫";
    for (const auto& [name, kept_bytes] : {std::pair(ascii, std::size_t{224}), std::pair(wide, std::size_t{222})}) {
        const fs::path old = folder.path() / ("." + name.substr(0, kept_bytes) + ".2147483647-0.tmp");
        write_text_file(old, "left");
        fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(1));
        write_text_file(folder.path() / name, "whole");
        EXPECT_EQ(read_text_file(folder.path() / name, 10), "whole");
        fs::remove(folder.path() / name);
        EXPECT_TRUE(fs::is_empty(folder.path())) << "what an earlier process left of it is removed";
    }
}

TEST(PendingPath, NamesTheResultInErrors) {
    const test::TempFolder folder;
    const std::string result = (folder.path() / "best.onnx").string();
    const PendingPath pending(result, PendingPath::Kind::File);
    const std::string temporary = pending.path().string();
    const Error plain(ErrorCode::IoFailure, "x", "cannot create " + temporary, {.file = temporary});
    EXPECT_EQ(pending.named(plain, "onnx").where().file, result);
    EXPECT_EQ(pending.named(plain, "onnx").message(), "cannot create " + result);
    EXPECT_FALSE(pending.named(plain, "onnx").hint().empty());
    const Error other(ErrorCode::UnsupportedModel, "x", "layer", {.file = "other"}, "hint");
    EXPECT_STREQ(pending.named(other, "onnx").what(), "[onnx] layer (other); hint");
}

TEST(PendingPath, RemovesWhatADeadProcessLeft) {
    const test::TempFolder folder;
    // No process has the highest number that fits.
    const fs::path old = folder.path() / ".result.2147483647-0.tmp";
    const fs::path fresh = folder.path() / ".result.2147483647-1.tmp";
    for (const fs::path& left : {old, fresh}) fs::create_directory(left);
    fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(1));
    { const PendingPath pending(folder.path() / "result", PendingPath::Kind::Folder); }
    EXPECT_FALSE(fs::exists(old));
    EXPECT_TRUE(fs::exists(fresh)) << "another machine may be at work";
}

TEST(Text, AppendsCharactersAsUtf8) {
    std::string out;
    for (const std::uint32_t code : {0x41U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xFFFFU, 0x10000U, 0x10FFFFU})
        append_utf8(out, code);
    EXPECT_EQ(out, "A\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
    EXPECT_TRUE(is_utf8(out));
}

TEST(Text, CaseIsThatOfAsciiAlone) {
    EXPECT_EQ(to_lower("AZ az 09 \xC3\x84 [@"), "az az 09 \xC3\x84 [@");
    EXPECT_EQ(to_upper("AZ az 09 \xC3\xA4 {`"), "AZ AZ 09 \xC3\xA4 {`");
    EXPECT_EQ(to_lower(""), "");
}

TEST(Log, AThreadLogsToTheSinksOfTheCallThatStartedIt) {
    std::vector<std::string> process;
    std::vector<std::string> own;
    set_log_sink([&](LogLevel, std::string_view line) { process.emplace_back(line); });
    CallLog log({.log = [&](LogLevel, std::string_view line) { own.emplace_back(line); }});
    {
        const LogScope scope(&log);
        start_thread([] { info("of the call"); }).join();
    }
    start_thread([] { info("of the process"); }).join();
    set_log_sink({});
    EXPECT_EQ(own, std::vector<std::string>{"of the call"});
    EXPECT_EQ(process, std::vector<std::string>{"of the process"});
}

}  // namespace
}  // namespace yolovino::base
