#include <gtest/gtest.h>
#include <random>

#include "yolovino/audit.hpp"

#include "support/forge_checkpoint.hpp"
#include "support/forge_tar.hpp"

namespace yolovino {
namespace {

namespace forge = test::forge;
using enum NameVerdict;

// What the audit makes of archives: what is looked at as a pickle, and where readers differ about that.
class Container : public testing::Test {
protected:
    AuditReport audit_bytes(const std::string& bytes) { return audit(forge::write(folder_.path() / "file.pt", bytes)); }
    AuditReport audit_entries(std::vector<forge::Entry> entries) {
        return audit_bytes(forge::Zip{.entries = std::move(entries)}.bytes());
    }
    static const AuditAnomaly* find(const AuditReport& report, const std::string& words) {
        for (const AuditAnomaly& each : report.anomalies) {
            if (each.text.find(words) != std::string::npos) return &each;
        }
        return nullptr;
    }
    static bool names_system(const AuditReport& report) {
        return !report.names.empty() && report.names.front().name == "system" &&
               report.names.front().verdict == Dangerous;
    }
    test::TempFolder folder_;
};

// Without a mark, and with names that only the memo brings together: nothing finds it but who follows it from its
// start.
const std::string kAttack = "Vposix\np7\n0Vsystem\np9\n0g7\ng9\n\x93Vid\n\x85R.";
const std::string kHonest = "\x80\x02}.";

TEST_F(Container, LooksEntriesUpWithoutRegardToCase) {
    for (const std::string name : {"a/DATA.PKL", "a/data.Pkl", "a/x.PICKLE"}) {
        const AuditReport report = audit_entries({{.name = name, .data = kAttack}});
        EXPECT_TRUE(names_system(report)) << name;
        EXPECT_EQ(find(report, "does not say so"), nullptr) << name;
    }
    EXPECT_EQ(audit_entries({{.name = "a/DATA.PKL", .data = kHonest}}).container, "torch archive");
}

TEST_F(Container, FollowsEveryEntryFromItsFirstByte) {
    for (const std::string name : {"a/data/0", "a/version", "weights"}) {
        const AuditReport report =
            audit_entries({{.name = "a/data.pkl", .data = kHonest}, {.name = name, .data = kAttack}});
        EXPECT_EQ(report.verdict, Dangerous) << name;
        EXPECT_TRUE(names_system(report)) << name;
        EXPECT_NE(find(report, "under a name that does not say so"), nullptr) << name;
    }
}

TEST_F(Container, CarvesNamesOfPicklesWithoutAMark) {
    for (const std::string names : {"\x8c\x05posix\x8c\x06system\x93", "\x8c\x05posix\x94\x8c\x06system\x94\x93",
                                    "U\x05posixq\x01U\x06systemq\x02\x93", "\x8c\x05posixN0\x8c\x06system\x93"}) {
        const AuditReport report =
            audit_entries({{.name = "a/data.pkl", .data = kHonest},
                           {.name = "a/data/0", .data = std::string(5000, '\x01') + names + ")R."}});
        EXPECT_TRUE(names_system(report)) << names;
        EXPECT_EQ(report.verdict, Dangerous) << names;
    }
}

TEST_F(Container, WeightsThatBeginAsAPickleAreNone) {
    std::mt19937_64 random(20241128);
    for (const std::string start : {"\x80\x02", "\x80\x04", ".", "N.", "(", "]\x94", "ca\nb\n", "U\x02os"}) {
        std::string noise = start + "\xff";
        for (int i = 0; i < 2000; ++i) noise += forge::little(random());
        const AuditReport report =
            audit_entries({{.name = "a/data.pkl", .data = kHonest}, {.name = "a/data/0", .data = noise}});
        EXPECT_EQ(report.verdict, Harmless) << start;
        EXPECT_TRUE(report.anomalies.empty()) << start << report.anomalies.front().text;
    }
}

/// An archive with two directories, of which each calls the other's pickle a storage; the ZIP64 end names the first.
std::string two_directories() {
    const std::string plain =
        forge::Zip{.entries = {{.name = "a/data.pkl", .data = kHonest}, {.name = "a/data/000", .data = kAttack}},
                   .zip64 = false}
            .bytes();
    const std::size_t start = plain.find("PK\x01\x02");
    const std::size_t end = plain.find("PK\x05\x06");
    const std::string directory = plain.substr(start, end - start);
    std::string swapped = directory;
    swapped.replace(directory.find("a/data.pkl"), 10, "a/data/000");
    swapped.replace(directory.find("a/data/000"), 10, "a/data.pkl");
    std::string out = plain.substr(0, start) + swapped + "gap!";
    const auto second = static_cast<std::uint32_t>(out.size());
    out += directory;
    const std::uint64_t record = out.size();
    out += forge::little(0x06064b50U) + forge::little(std::uint64_t{44}) + forge::little(0x002D002DU) +
           forge::little(std::uint64_t{0}) + forge::little(std::uint64_t{2}) + forge::little(std::uint64_t{2}) +
           forge::little(std::uint64_t{swapped.size()}) + forge::little(std::uint64_t{start});
    out += forge::little(0x07064b50U) + forge::little(0U) + forge::little(record) + forge::little(1U);
    return out + plain.substr(end, 16) + forge::little(second) + forge::little(std::uint16_t{0});
}

TEST_F(Container, LooksAtBothDirectories) {
    const AuditReport report = audit_bytes(two_directories());
    EXPECT_EQ(report.verdict, Dangerous);
    EXPECT_TRUE(names_system(report));
    EXPECT_EQ(report.entries.size(), 4U);
    ASSERT_NE(find(report, "two ends of the archive disagree"), nullptr);
    EXPECT_TRUE(find(report, "two ends of the archive disagree")->dangerous);
    EXPECT_NE(find(report, "leads to different directories"), nullptr);
    EXPECT_NE(find(report, "calls the entry"), nullptr);
}

TEST_F(Container, EndsThatDisagreeAreDangerous) {
    const std::vector<forge::Entry> entries = {{.name = "a/data.pkl", .data = kHonest}};
    EXPECT_EQ(audit_bytes(forge::Zip{.entries = entries}.bytes()).verdict, Harmless);
    for (const forge::Zip& zip :
         {forge::Zip{.entries = entries, .zip64_count_error = 1}, forge::Zip{.entries = entries, .zip64_size_error = 1},
          forge::Zip{.entries = entries, .zip64_offset_error = 1}}) {
        EXPECT_EQ(audit_bytes(zip.bytes()).verdict, Dangerous);
    }
    // A comment as long as it may be puts the locator beyond what is usually read of the end.
    EXPECT_EQ(audit_bytes(
                  forge::Zip{.entries = entries, .comment = std::string(65'535, 'x'), .zip64_offset_error = 1}.bytes())
                  .verdict,
              Dangerous);
    const AuditReport lost = audit_bytes(forge::Zip{.entries = entries, .locator_offset_error = 3}.bytes());
    EXPECT_EQ(lost.verdict, Unknown);
    EXPECT_NE(find(lost, "no ZIP64 end"), nullptr);
}

TEST_F(Container, ASignatureTooNearTheEndIsNoEnd) {
    const AuditReport report =
        audit_bytes(forge::Zip{.entries = {{.name = "a/data.pkl", .data = kHonest}}, .suffix = "PK\x05\x06"}.bytes());
    ASSERT_EQ(report.entries.size(), 1U);
    EXPECT_TRUE(report.entries.front().in_directory);
}

TEST_F(Container, LocalHeadersOfOtherNamesAreDangerous) {
    const AuditReport report = audit_entries({{.name = "a/data.pkl", .data = kHonest, .local_name = "a/data.pkk"}});
    EXPECT_EQ(report.verdict, Dangerous);
    // Longer than what is compared of the headers that no directory names.
    const std::string longer(600, 'x');
    EXPECT_EQ(audit_entries({{.name = longer + ".pkl", .data = kHonest}}).verdict, Harmless);
    EXPECT_EQ(audit_entries({{.name = longer + ".pkl", .data = kHonest, .local_name = longer + ".pkk"}}).verdict,
              Dangerous);
}

TEST_F(Container, LooksAtTheLongerOfTwoSizes) {
    const auto size = static_cast<std::int64_t>(kAttack.size());
    for (const std::int64_t error : {-size, std::int64_t{3} - size}) {
        const AuditReport report =
            audit_entries({{.name = "a/data.pkl", .data = kAttack, .size_error = error, .expanded_error = -error}});
        EXPECT_TRUE(names_system(report)) << error;
        EXPECT_EQ(report.verdict, Dangerous);
        EXPECT_NE(find(report, "bytes and"), nullptr);
    }
    // A mark that only some readers heed does not hide it.
    const AuditReport marked = audit_entries(
        {{.name = "a/data.pkl", .data = kAttack, .size_error = -size, .expanded_error = size, .local_flags_error = 1}});
    EXPECT_TRUE(names_system(marked));
}

/// `class` reads as the operation that names a class, and what follows as its name.
TEST_F(Container, LinesOfPythonAreNoPickles) {
    const AuditReport report =
        audit_entries({{.name = "a/data.pkl", .data = kHonest},
                       {.name = "a/code/a.py", .data = "class A(Module):\n  __parameters__ = [\"a.b\"]\n  x : int\n"}});
    EXPECT_EQ(report.verdict, Unknown);
    EXPECT_EQ(find(report, "does not say so"), nullptr);
}

TEST_F(Container, ProgramsOfTorchScriptAreNotJudged) {
    for (const std::string name : {"a/code/x.py", "a/CODE/x.py", "a/constants.pkl", "a/Constants.PKL"}) {
        const AuditReport report =
            audit_entries({{.name = "a/data.pkl", .data = kHonest}, {.name = name, .data = "\x80\x02)."}});
        EXPECT_EQ(report.verdict, Unknown) << name;
        EXPECT_NE(find(report, "TorchScript program, which is not judged"), nullptr) << name;
    }
}

TEST_F(Container, WithoutAPickleNothingIsHarmless) {
    const AuditReport report = audit_entries({{.name = "notes.txt", .data = "hello"}});
    EXPECT_EQ(report.verdict, Unknown);
    EXPECT_NE(find(report, "no pickle was understood"), nullptr);
}

TEST_F(Container, LambdaLayersOfKerasAreDangerous) {
    const auto verdict = [&](const std::string& config) {
        return audit_entries({{.name = "metadata.json", .data = "{}"},
                              {.name = "config.json", .data = config},
                              {.name = "honest.pkl", .data = kHonest}})
            .verdict;
    };
    EXPECT_EQ(verdict(R"({"class_name": "Dense", "config": {"name": "lambda"}})"), Unknown);
    const std::string code = R"("config": {"code": "4wEAAAAA"}})";
    EXPECT_EQ(verdict(R"({"class_name": "Lambda", "function": {"class_name": "__lambda__", )" + code + "}"), Dangerous);
    EXPECT_EQ(verdict(R"({"class_name": "L\u0061mbda", "function": {"class_name": "\u005f_l\u0061mbd\u0061__", )" +
                      code + "}"),
              Dangerous);
    EXPECT_EQ(verdict(R"({"class_name": "Lambda", "function": ["4wEA", null], "function_type": "lambda"})"), Dangerous);
}

TEST_F(Container, FollowsTheMembersOfATar) {
    const AuditReport report =
        audit_bytes(forge::tar({{.name = "storages", .data = kHonest}, {.name = "tensors", .data = kAttack}}));
    EXPECT_EQ(report.container, "legacy tar");
    EXPECT_TRUE(names_system(report));
    ASSERT_EQ(report.entries.size(), 2U);
    EXPECT_EQ(report.entries.back().name, "tensors");
    // Numbers as Python spells them, and the name of a member as a pickle of its own.
    EXPECT_TRUE(names_system(audit_bytes(forge::tar({{.name = "pickle", .data = kAttack, .checksum_prefix = "0o"}}))));
    EXPECT_TRUE(names_system(audit_bytes(forge::tar({{.name = "pickle", .data = kAttack, .size = " +0o4_7"}}))));
    EXPECT_TRUE(names_system(audit_bytes(forge::tar({{.name = kAttack, .data = kHonest}}))));
}

TEST_F(Container, ATarIsNeverHarmless) {
    EXPECT_EQ(audit_bytes(forge::tar({{.name = "pickle", .data = kHonest}})).verdict, Unknown);
    const AuditReport weights = audit_bytes(forge::tar({{.name = "storages", .data = kHonest + "\xff weights"}}));
    EXPECT_EQ(weights.verdict, Dangerous);
    EXPECT_NE(find(weights, "cannot be judged"), nullptr);
    EXPECT_EQ(audit_bytes(forge::tar({{.name = "other", .data = "\xff weights"}})).verdict, Unknown);
    EXPECT_EQ(audit_bytes(forge::tar({{.name = "x", .data = "path=pickle", .kind = 'x'}})).verdict, Dangerous);
    EXPECT_EQ(audit_bytes(forge::tar({{.name = "x/", .data = kHonest, .kind = '5'}})).verdict, Dangerous);
    EXPECT_EQ(audit_bytes(forge::tar({{.name = "x", .data = kHonest, .size = "77777777777"}})).verdict, Unknown);
    EXPECT_EQ(audit_bytes(forge::tar({{.name = "x", .data = kHonest, .size = "-7"}})).verdict, Unknown);
}

}  // namespace
}  // namespace yolovino
