#include "support/forge_checkpoint.hpp"

/// One test for each rule about the container in sections 9 and 10 of the description of the format.
namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;
using ZipRules = CheckpointTest;

Zip minimal() {
    return archive(pickle(minimal_pickle()));
}

std::string zip64_extra(const std::vector<std::uint64_t>& values) {
    std::string body;
    for (const std::uint64_t value : values) body += little(value);
    return little(std::uint16_t{1}) + little(static_cast<std::uint16_t>(body.size())) + body;
}

// Rule: where both end records are there, each field of the classic one is a sentinel or agrees with ZIP64.
TEST_F(ZipRules, Zip64MayNotContradictTheClassicRecord) {
    for (std::int64_t Zip::*lie : {&Zip::zip64_count_error, &Zip::zip64_size_error, &Zip::zip64_offset_error}) {
        for (const std::int64_t error : {std::int64_t{-1}, std::int64_t{1}, std::int64_t{1} << 32}) {
            Zip zip = minimal();
            zip.*lie = error;
            expect_refused(zip.bytes(), ErrorCode::CorruptFile, "ZIP64 and classic end records disagree");
        }
    }
}

// Rule: a sentinel in the classic record hands over to ZIP64, whose own lies are still found.
TEST_F(ZipRules, SentinelsHandOverToZip64) {
    Zip zip = minimal();
    zip.count_error = 0xFFFF - static_cast<std::int64_t>(zip.entries.size());
    EXPECT_NO_THROW(open_bytes(zip.bytes()));
    zip.zip64_count_error = 1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "its end record says");
}

// Rule: the ZIP64 record has its fixed size, lies on disk 0, and stands directly before its locator.
TEST_F(ZipRules, Zip64RecordIsWellFormed) {
    Zip zip = minimal();
    zip.zip64_record_bytes = 45;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "malformed ZIP64 end record");
    zip = minimal();
    zip.zip64_disk = 1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "malformed ZIP64 end record");
    zip = minimal();
    zip.locator_disks = 2;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "several disks");
    for (const std::int64_t error : {std::int64_t{-1}, std::int64_t{1}, std::int64_t{-1} << 62}) {
        zip = minimal();
        zip.locator_offset_error = error;
        expect_refused(zip.bytes(), ErrorCode::CorruptFile, "not directly before its locator");
    }
}

// Rule: 64-bit sizes of entries are read with checked arithmetic and must lie within the file.
TEST_F(ZipRules, Zip64SizesOfEntriesCannotWrap) {
    for (const std::uint64_t size : {~std::uint64_t{0}, ~std::uint64_t{0} - 64, std::uint64_t{1} << 40}) {
        Zip zip = minimal();
        zip.entries[1].directory_size = 0xFFFFFFFF;
        zip.entries[1].directory_extra = zip64_extra({size, size});
        expect_refused(zip.bytes(), ErrorCode::CorruptFile, "reaches into the central directory");
    }
    for (const std::uint64_t offset : {~std::uint64_t{0}, std::uint64_t{1} << 63}) {
        Zip zip = minimal();
        zip.entries[1].directory_offset = 0xFFFFFFFF;
        zip.entries[1].directory_extra = zip64_extra({offset});
        expect_refused(zip.bytes(), ErrorCode::CorruptFile, "begins beyond");
    }
}

// Rule: a sentinel without a ZIP64 field, or with one that is truncated, gives no size at all.
TEST_F(ZipRules, Zip64FieldsOfEntriesMustBeThere) {
    for (const std::string& extra : {""s, zip64_extra({6}), zip64_extra({6, 6}).substr(0, 15), "\x01"s}) {
        Zip zip = minimal();
        zip.entries[1].directory_size = 0xFFFFFFFF;
        zip.entries[1].directory_extra = extra;
        expect_refused(zip.bytes(), ErrorCode::CorruptFile, "malformed ZIP64 field");
    }
    Zip zip = minimal();
    zip.entries[1].directory_size = 0xFFFFFFFF;
    zip.entries[1].directory_extra = zip64_extra({6, 6});
    // The local header says 0 by its descriptor flag, so the truth in the ZIP64 field is accepted.
    EXPECT_NO_THROW(open_bytes(zip.bytes()));
}

// Rule: the local header has the name, flags, method, sizes, and CRC of the directory, or zeros with bit 3.
TEST_F(ZipRules, LocalHeadersTellTheSame) {
    const auto expect_disagreement = [&](auto change) {
        Zip zip = minimal();
        change(zip.entries[1]);
        expect_refused(zip.bytes(), ErrorCode::CorruptFile, "disagrees with the central directory");
    };
    expect_disagreement([](Entry& entry) { entry.local_flags_error = 1U << 11; });
    expect_disagreement([](Entry& entry) { entry.local_method_error = 8; });
    expect_disagreement([](Entry& entry) { entry.local_crc = 0x12345678; });
    expect_disagreement([](Entry& entry) { entry.local_size = 5; });
    expect_disagreement([](Entry& entry) { entry.local_name = "best/byteordex"; });
    expect_disagreement([](Entry& entry) { entry.flags = 0x0800; });  // no bit 3, so zeros are a lie
}

// Rule: ranges of entries, with headers and descriptors, are disjoint.
TEST_F(ZipRules, AnEntryWithinAnotherIsRefused) {
    Zip inner{.entries = {{.name = "best/data/0", .data = "abcd"}}};
    const std::string record = inner.bytes().substr(0, 64 + 4 + 16);
    Zip zip = archive(pickle(minimal_pickle()), {record});
    // The storage begins at a multiple of 64; within it lies a whole record that the directory names as well.
    const std::size_t at = zip.bytes().find("PK\x03\x04"s, zip.bytes().find("best/data/0"));
    zip.entries[2].name = "best/data/7";
    zip.entries.push_back({.name = "best/data/0", .data = "abcd", .header_offset = at, .only_in_directory = true});
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "overlaps another entry");
}

// Rule: two records of the directory may not share one local header, which would multiply the bytes of a file.
TEST_F(ZipRules, OneLocalHeaderServesOneEntry) {
    Zip zip = minimal();
    Entry copy = zip.entries[1];
    copy.header_offset = zip.bytes().find("PK\x03\x04"s, 1);
    copy.only_in_directory = true;
    copy.name = "best/byteordeR";
    zip.entries.push_back(copy);
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "disagrees with the central directory");
    zip.entries.back().name = "best/byteorder";
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "two entries are named");
}

// Rule: only method 0 with equal sizes, and 8, deflate; no encryption by flag or by method 99.
TEST_F(ZipRules, OnlyStoredAndDeflatedEntriesAreRead) {
    for (const int method : {1, 9, 12, 14, 93, 95, 98, 99, 0xFFFF}) {
        Zip zip = minimal();
        zip.entries[0].method = static_cast<std::uint16_t>(method);
        expect_refused(zip.bytes(), ErrorCode::UnsupportedFile, method == 99 ? "encrypted" : "is compressed");
    }
}

// Rule: one data.pkl. A second one under another root, or under another spelling of the same path, is refused.
TEST_F(ZipRules, ThereIsOnePickle) {
    Zip zip = minimal();
    zip.entries.push_back({.name = "worst/data.pkl", .data = pickle(none())});
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "outside of the folder");
    zip.entries.back().name = "best/data.pkl";
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "two entries are named");
    for (const char* alias : {"best//data.pkl", "best/./data.pkl", "./best/data.pkl", "/best/data.pkl"}) {
        zip.entries.back().name = alias;
        EXPECT_TRUE(refusal(zip.bytes()).has_value()) << alias;
    }
}

// Rule: the first local header stands at offset 0, whatever the bytes before it look like.
TEST_F(ZipRules, NothingPrecedesTheArchive) {
    for (const std::string& prefix : {"#!/bin/sh\n"s, "PK\x03\x04"s + std::string(60, '\0'), minimal().bytes()}) {
        Zip zip = minimal();
        zip.prefix = prefix;
        EXPECT_TRUE(refusal(zip.bytes()).has_value());
    }
}

// Rule: the end record is looked for in the last 65,557 bytes and must end the file.
TEST_F(ZipRules, EndRecordEndsTheFile) {
    Zip zip = minimal();
    zip.comment = std::string(0xFFFF, 'c');
    EXPECT_NO_THROW(open_bytes(zip.bytes()));
    zip.suffix = "x";
    EXPECT_TRUE(refusal(zip.bytes()).has_value());
    zip = minimal();
    zip.suffix = minimal().bytes();
    EXPECT_TRUE(refusal(zip.bytes()).has_value());
}

// Rule: CRC-32 is verified of data.pkl, of byteorder, and of each storage that is used.
TEST_F(ZipRules, EveryEntryThatIsReadIsVerified) {
    for (const std::size_t entry : {0U, 1U}) {
        Zip zip = minimal();
        zip.entries[entry].crc_error = zip.entries[entry].descriptor_error = 1U << 31;
        expect_refused(zip.bytes(), ErrorCode::CorruptFile, "CRC-32");
    }
}

// Rule: at most 65,536 entries; the number is refused before a single record is believed.
TEST_F(ZipRules, NumberOfEntriesIsCapped) {
    Zip zip = minimal();
    const auto count = static_cast<std::int64_t>(zip.entries.size());
    zip.count_error = 0xFFFF - count;
    zip.zip64_count_error = 65'537 - count;
    expect_refused(zip.bytes(), ErrorCode::LimitExceeded, "65537 entries");
}

// Rule: a central directory of at most 16 MiB.
TEST_F(ZipRules, SizeOfTheDirectoryIsCapped) {
    Zip zip = archive(pickle(minimal_pickle()), {std::string(17U << 20U, '\0')});
    zip.directory_offset_error = -(std::int64_t{16} << 20);
    zip.directory_size_error = std::int64_t{16} << 20;
    expect_refused(zip.bytes(), ErrorCode::LimitExceeded, "in a directory of");
}

// Rule: data.pkl of at most 64 MiB, refused before it is read.
TEST_F(ZipRules, SizeOfThePickleIsCapped) {
    const std::string bytes = archive(std::string((64U << 20U) + 1, 'N')).bytes();
    expect_refused(bytes, ErrorCode::LimitExceeded, "at most 67108864 are read");
}

// Rule: names are text of at most 512 bytes that stay below their root in every spelling.
TEST_F(ZipRules, NamesStayBelowTheirRoot) {
    for (const std::string& name :
         {"best/.."s, "best/a/../b"s, "../best/x"s, "best/a/./b"s, "best//x"s, "best\\x"s, "C:\\x"s, "//host/x"s,
          "best/\x7f"s, "best/\n"s, "best/\xc0\xaf"s, "best/\xed\xa0\x80"s, "best/"s + std::string(508, 'a'), ""s}) {
        Zip zip = minimal();
        zip.entries.push_back({.name = name, .data = "x"});
        EXPECT_TRUE(refusal(zip.bytes()).has_value()) << name;
    }
    Zip zip = minimal();
    zip.entries.push_back({.name = "best/" + std::string(507, 'a'), .data = "x"});
    zip.entries.push_back({.name = "best/.data/serialization_id", .data = "1"});
    EXPECT_NO_THROW(open_bytes(zip.bytes()));
}

}  // namespace
}  // namespace yolovino::test::forge
