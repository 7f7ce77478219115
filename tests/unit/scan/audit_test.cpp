#include "yolovino/audit.hpp"

#include <gtest/gtest.h>
#include <random>

#include "yolovino/error.hpp"

#include "support/files.hpp"
#include "support/forge_checkpoint.hpp"
#include "support/samples.hpp"

namespace yolovino {
namespace {

namespace forge = test::forge;
using enum NameVerdict;

class Audit : public testing::Test {
protected:
    AuditReport audit_bytes(const std::string& bytes) { return audit(forge::write(folder_.path() / "file.pt", bytes)); }
    static bool has_anomaly(const AuditReport& report, const std::string& words) {
        for (const AuditAnomaly& each : report.anomalies) {
            if (each.text.find(words) != std::string::npos) return true;
        }
        return false;
    }
    static const AuditedName* find(const AuditReport& report, const std::string& name) {
        for (const AuditedName& each : report.names) {
            if (each.name == name) return &each;
        }
        return nullptr;
    }
    test::TempFolder folder_;
};

const std::string kAttack = "cposix\nsystem\n(Vid\ntR.";
using test::kSample;

std::string sample() {
    return test::content(kSample);
}

TEST_F(Audit, FindsACheckpointHarmless) {
    const AuditReport report = audit(kSample);
    EXPECT_EQ(report.verdict, Harmless);
    EXPECT_EQ(report.container, "torch archive");
    EXPECT_EQ(report.refusal, "");
    EXPECT_EQ(report.names.size(), 23U);
    EXPECT_TRUE(report.anomalies.empty()) << report.anomalies.front().text;
    ASSERT_EQ(report.tensors.size(), 359U);
    EXPECT_EQ(report.tensors.front().path, "model.model.0.conv.weight");
    EXPECT_EQ(report.entries.size(), 361U);
    EXPECT_EQ(report.sha256.size(), 64U);
    for (const AuditedEntry& each : report.entries) EXPECT_EQ(each.sha256.size(), 64U) << each.name;
}

TEST_F(Audit, FindsANameThatTheReaderRefuses) {
    const std::string payload = forge::reduce(forge::global("posix", "system"), {forge::text("id")});
    const AuditReport report = audit_bytes(
        forge::archive(forge::pickle(forge::named({{"model", forge::detection_model()}, {"date", payload}}))).bytes());
    EXPECT_EQ(report.verdict, Dangerous);
    ASSERT_FALSE(report.names.empty());
    EXPECT_EQ(report.names.front().module, "posix") << "the worst comes first";
    EXPECT_EQ(report.names.front().entry, "best/data.pkl");
    EXPECT_NE(report.refusal.find("posix.system"), std::string::npos);
}

TEST_F(Audit, LooksBehindTheEndOfAPickle) {
    const AuditReport report = audit_bytes("\x80\x02]." + kAttack);
    EXPECT_EQ(report.verdict, Dangerous);
    EXPECT_TRUE(has_anomaly(report, "another pickle follows"));
}

/// Python loads the first five pickles of a legacy file, and takes the rest for weights.
TEST_F(Audit, OfLegacyFilesTheFirstFiveAreNoWeights) {
    const std::string magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
    const std::string begin = magic + "\x80\x02M\xe9\x03." + "\x80\x02}.";
    // The low byte of a count of 99 elements reads as the operation that names a class.
    const std::string weights = std::string("c\0\0\0\0\0\0\0", 8) + std::string(99, '\n') + std::string(297, '\1');
    const AuditReport honest = audit_bytes(begin + "\x80\x02}." + "\x80\x02]." + weights);
    EXPECT_EQ(honest.verdict, Harmless);
    EXPECT_EQ(honest.container, "legacy torch.save");
    EXPECT_TRUE(honest.followed());
    for (const std::string& content : {std::string("\x80\x02N\xff"), std::string("\x80\x02B\xff\xff\0\0", 7)})
        EXPECT_FALSE(audit_bytes(begin + content + weights).followed());
}

TEST_F(Audit, LooksIntoEveryEntryWhateverItsName) {
    forge::Zip zip = forge::archive(forge::pickle(forge::minimal_pickle()));
    zip.entries.push_back({.name = "best/data/0", .data = std::string(5000, '\x01') + "\x80\x02" + kAttack});
    const AuditReport report = audit_bytes(zip.bytes());
    EXPECT_EQ(report.verdict, Dangerous);
    EXPECT_TRUE(has_anomaly(report, "among other bytes"));
    EXPECT_EQ(find(report, "system")->entry, "best/data/0");
}

TEST_F(Audit, LooksBeforeBehindAndBetween) {
    const std::string honest = forge::archive(forge::pickle(forge::minimal_pickle())).bytes();
    const AuditReport before = audit_bytes(kAttack + honest);
    EXPECT_EQ(before.verdict, Dangerous);
    EXPECT_TRUE(has_anomaly(before, "bytes before the archive"));
    const AuditReport behind = audit_bytes(honest + kAttack);
    EXPECT_EQ(behind.verdict, Dangerous);
    EXPECT_TRUE(has_anomaly(behind, "follow the archive"));
}

TEST_F(Audit, FindsEntriesThatTheDirectoryHides) {
    const std::string hidden = forge::Zip{.entries = {{.name = "evil/data.pkl", .data = kAttack}}}.bytes();
    const std::string honest = forge::archive(forge::pickle(forge::minimal_pickle())).bytes();
    // A reader that goes from front to back meets the first archive, one that goes by the directory the second.
    const AuditReport report = audit_bytes(hidden.substr(0, hidden.find("PK\x01\x02")) + honest);
    EXPECT_EQ(report.verdict, Dangerous);
    EXPECT_TRUE(has_anomaly(report, "the directory does not name"));
}

TEST_F(Audit, ReportsTwoNamesOfOneEntry) {
    forge::Zip zip = forge::archive(forge::pickle(forge::minimal_pickle()));
    zip.entries[0].local_name = "best/data.pkk";
    EXPECT_TRUE(has_anomaly(audit_bytes(zip.bytes()), "calls the entry 'best/data.pkk'"));
}

TEST_F(Audit, ReportsEncryptionFlagsAndWrongCrcs) {
    forge::Zip zip = forge::archive(forge::pickle(forge::minimal_pickle()));
    zip.entries[0].flags |= 1;
    zip.entries[1].crc_error = 1;
    const AuditReport report = audit_bytes(zip.bytes());
    EXPECT_EQ(report.verdict, Unknown);
    EXPECT_TRUE(has_anomaly(report, "encrypted"));
    EXPECT_TRUE(has_anomaly(report, "does not match its CRC"));
}

TEST_F(Audit, LooksIntoDeflatedEntries) {
    std::string deflated(200, '\0');
    z_stream stream = {};
    ASSERT_EQ(::deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string attack = kAttack;
    stream.next_in = reinterpret_cast<Bytef*>(attack.data());
    stream.avail_in = static_cast<uInt>(attack.size());
    stream.next_out = reinterpret_cast<Bytef*>(deflated.data());
    stream.avail_out = static_cast<uInt>(deflated.size());
    ASSERT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflated.resize(stream.total_out);
    ::deflateEnd(&stream);
    forge::Zip zip{.entries = {{.name = "a/data.pkl", .data = deflated, .method = 8}}};
    EXPECT_EQ(audit_bytes(zip.bytes()).verdict, Dangerous);
    zip.entries[0].data = deflated.substr(0, deflated.size() - 4);
    const AuditReport cut = audit_bytes(zip.bytes());
    EXPECT_TRUE(has_anomaly(cut, "cannot be decompressed"));
    EXPECT_NE(find(cut, "system"), nullptr);
}

TEST_F(Audit, UnreadableContentIsNotHarmless) {
    for (const std::string& bytes : {std::string(), std::string("hello"), std::string("\x89PNG\r\n\x1a\n", 8),
                                     std::string("PK\x03\x04"), std::string("ca\nb\n")}) {
        EXPECT_EQ(audit_bytes(bytes).verdict, Unknown) << bytes;
    }
}

TEST_F(Audit, WeightsHoldNoPicklesByChance) {
    std::mt19937_64 random(20240611);
    std::string noise;
    for (int i = 0; i < 500'000; ++i) noise += forge::little(random());
    // Looks like the beginning of a pickle, and names an unknown class.
    noise +=
        "\x80\x02\x93\x80\x02"
        "cq\nz\n\xff";
    forge::Zip zip = forge::archive(forge::pickle(forge::minimal_pickle()));
    zip.entries.push_back({.name = "best/data/0", .data = noise});
    const AuditReport report = audit_bytes(zip.bytes());
    EXPECT_EQ(report.verdict, Harmless) << report.names.front().module << report.anomalies.front().text;
}

std::string wrapped(std::string pickle, int times) {
    for (int i = 0; i < times; ++i)
        pickle =
            "\x80\x03"
            "B" +
            forge::little(static_cast<std::uint32_t>(pickle.size())) + pickle + ".";
    return pickle;
}

TEST_F(Audit, FollowsPicklesWithinPicklesAndSaysWhereItEnds) {
    for (int level = 1; level <= 8; ++level) {
        SCOPED_TRACE(level);
        const AuditReport report = audit_bytes(wrapped("\x80\x02" + kAttack, level));
        EXPECT_EQ(report.verdict, level <= 3 ? Dangerous : Unknown);
        EXPECT_EQ(has_anomaly(report, "a pickle within 4 others is not followed"), level > 3);
    }
    EXPECT_EQ(audit_bytes(wrapped("\x80\x02].", 3)).verdict, Harmless);
    // What decides is kept where more is odd than is listed.
    std::string crowd = "\x80\x03](";
    for (int i = 0; i < 2500; ++i) crowd += "C\x04\x80\x02].";
    const std::string last = wrapped("\x80\x02" + kAttack, 4);
    crowd += "B" + forge::little(static_cast<std::uint32_t>(last.size())) + last + "e.";
    EXPECT_EQ(audit_bytes(crowd).verdict, Unknown);
}

TEST_F(Audit, FollowsPicklesWithoutAMarkWithinTexts) {
    const std::string latin1 = "\xc2\x80\x04\xc2\x8c\x05posix\xc2\x8c\x06system\xc2\x93.";
    const std::string inst = "(S'id'\niposix\nsystem\n.";
    const std::string unmarked = "\x8c\x05posix\x8c\x06system\x93.";
    const std::string behind = kAttack + "what is not read";
    const std::string unended = kAttack.substr(0, kAttack.size() - 1);
    const std::string old_mark = std::string("\x80\x00", 2) + kAttack;
    for (const std::string& each : {kAttack, latin1, inst, unmarked, behind, unended, old_mark}) {
        const AuditReport report = audit_bytes(forge::pickle(forge::text(each)));
        EXPECT_EQ(report.verdict, Dangerous) << each;
        EXPECT_TRUE(has_anomaly(report, "a pickle within a text"));
    }
    EXPECT_EQ(audit_bytes("Vcposix\\u000asystem\\u000a.\n.").verdict, Dangerous) << "protocol 0 within protocol 0";
    EXPECT_EQ(audit_bytes(forge::pickle(forge::text("cmine\nthing\n."))).verdict, Unknown);
}

TEST_F(Audit, TextsAreNotTakenForPickles) {
    const std::vector<std::string> texts = {"cat\ndog\nbird\n.",
                                            "import os\nimport sys\nos.system('ls')\n",
                                            "class C:\n    c = 1\n",
                                            "names:\n  0: cat\n  1: ice\n.",
                                            "\xe7\x8c\xab\n\xe6\x93\x8d.\nc\nd\n",
                                            "\xc2\x93quoted\xc2\x94."};
    for (const std::string& each : texts) {
        const AuditReport report = audit_bytes(forge::pickle(forge::text(each)));
        EXPECT_EQ(report.verdict, Harmless) << each;
        EXPECT_TRUE(report.anomalies.empty()) << each << report.anomalies.front().text;
    }
}

TEST_F(Audit, EveryTruncationOfACheckpointIsReported) {
    const std::string whole = sample();
    for (std::size_t size = 1; size < whole.size(); size += whole.size() / 23) {
        const AuditReport report = audit_bytes(whole.substr(0, size));
        EXPECT_EQ(report.verdict, Unknown) << size;
        EXPECT_FALSE(report.refusal.empty()) << size;
    }
}

TEST_F(Audit, HostileSizesCostLittle) {
    // A million entries at one place, and pickles that begin at every other byte.
    forge::Zip zip;
    for (int i = 0; i < 2000; ++i) {
        forge::Entry entry{.name = "x" + std::to_string(i), .data = {}};
        entry.header_offset = 0;
        entry.size_error = 0x7FFFFFFF;
        zip.entries.push_back(entry);
    }
    EXPECT_EQ(audit_bytes(zip.bytes()).verdict, Dangerous) << "their local header calls them otherwise";
    std::string beginnings;
    for (int i = 0; i < 20'000; ++i) beginnings += "\x80\x04(";
    EXPECT_EQ(audit_bytes("x" + beginnings).verdict, Unknown);
    std::string names = "x";
    for (int i = 0; i < 20'000; ++i) names += "cccccccccccccccccccc\ncccccccccccccccccccc\n";
    EXPECT_EQ(audit_bytes(names).verdict, Unknown);
}

TEST_F(Audit, SaysWhenItCannotOpenTheFile) {
    EXPECT_THROW(static_cast<void>(audit(folder_.path() / "absent.pt")), Error);
    EXPECT_THROW(static_cast<void>(audit(folder_.path())), Error);
}

}  // namespace
}  // namespace yolovino
