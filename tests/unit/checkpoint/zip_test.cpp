#include "support/forge_checkpoint.hpp"

namespace yolovino::test::forge {
namespace {

using ZipTest = CheckpointTest;

Zip minimal() {
    return archive(pickle(minimal_pickle()));
}

TEST_F(ZipTest, TorchLayoutIsRead) {
    EXPECT_EQ(open_bytes(minimal().bytes()).model().class_name, "DetectionModel");
}

TEST_F(ZipTest, Zip64RecordsAreOptional) {
    Zip zip = minimal();
    zip.zip64 = false;
    EXPECT_NO_THROW(open_bytes(zip.bytes()));
}

TEST_F(ZipTest, CommentThatEndsWithTheFileIsAccepted) {
    Zip zip = minimal();
    zip.comment = "made by hand";
    EXPECT_NO_THROW(open_bytes(zip.bytes()));
}

TEST_F(ZipTest, EveryTruncationIsRefused) {
    const std::string whole = minimal().bytes();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_TRUE(refusal(whole.substr(0, size)).has_value()) << size;
    expect_refused(whole.substr(0, 200), ErrorCode::CorruptFile, "truncated download: central directory missing");
}

TEST_F(ZipTest, EverySingleByteChangeIsRefusedOrHarmless) {
    // No byte may crash the reader, whatever it becomes.
    const std::string whole = minimal().bytes();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ 0x55);
        try {
            open_bytes(changed);
        } catch (const Error&) {
        }
    }
}

TEST_F(ZipTest, BytesBeforeOrBehindTheArchiveAreRefused) {
    Zip zip = minimal();
    zip.suffix = "x";
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "bytes follow the end of the archive");
    zip = minimal();
    zip.prefix = "PK\x03\x04 not an entry";
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "other bytes precede the archive");
}

TEST_F(ZipTest, TwoEndRecordsAreRefused) {
    Zip zip = minimal();
    zip.comment = little(0x06054b50U) + std::string(18, '\0');
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "two end-of-archive records");
}

TEST_F(ZipTest, EndRecordsMustAgree) {
    Zip zip = minimal();
    zip.zip64_count_error = 1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "disagree");
    zip = minimal();
    zip.count_error = zip.zip64_count_error = -1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "its end record says");
    zip = minimal();
    zip.directory_offset_error = 1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "does not end where the end record begins");
    zip = minimal();
    zip.disk = 1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "several disks");
}

TEST_F(ZipTest, LocalHeaderMustAgreeWithTheDirectory) {
    Zip zip = minimal();
    zip.entries[1].local_name = "best/byteordeR";
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "disagrees with the central directory");
    zip = minimal();
    zip.entries[1].local_size = 7;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "disagrees with the central directory");
    zip = minimal();
    zip.entries[1].descriptor_error = 1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "data descriptor");
}

TEST_F(ZipTest, OverlappingEntriesAreRefused) {
    Zip zip = minimal();
    zip.entries.push_back(
        {.name = "best/byteorder2", .data = "little", .local_name = "best/byteorder", .header_offset = 0});
    EXPECT_TRUE(refusal(zip.bytes()).has_value());
    // Two directory records for one local header.
    zip = minimal();
    zip.entries.front().size_error = 40;
    EXPECT_TRUE(refusal(zip.bytes()).has_value());
}

TEST_F(ZipTest, EntryBeyondTheDirectoryIsRefused) {
    Zip zip = minimal();
    zip.entries[1].header_offset = 0xFFFFFF00;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "begins beyond");
    zip = minimal();
    zip.entries[1].size_error = 1 << 30;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "reaches into the central directory");
}

TEST_F(ZipTest, CompressionAndEncryptionAreRefused) {
    Zip zip = minimal();
    zip.entries[0].method = 12;
    expect_refused(zip.bytes(), ErrorCode::UnsupportedFile, "is compressed");
    for (const int bit : {0, 5, 6, 13}) {
        zip = minimal();
        zip.entries[0].flags = static_cast<std::uint16_t>(zip.entries[0].flags | 1 << bit);
        expect_refused(zip.bytes(), ErrorCode::UnsupportedFile, "encrypted or patched");
    }
    zip = minimal();
    zip.entries[0].expanded_error = 1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "two sizes differ");
}

TEST_F(ZipTest, NamesThatPlayTricksAreRefused) {
    const std::vector<std::string> names{"best/../x",     "best/a\\b",    std::string("best/a\0b", 8),
                                         "best/\x1b[31m", "best/\xff",    "best/" + std::string(600, 'a'),
                                         "/etc/passwd",   "worst/data/0", "best"};
    for (const std::string& name : names) {
        Zip zip = minimal();
        zip.entries.push_back({.name = name, .data = "x"});
        const auto error = refusal(zip.bytes());
        ASSERT_TRUE(error.has_value()) << name;
        EXPECT_EQ(error->code(), ErrorCode::CorruptFile) << error->what();
        EXPECT_EQ(std::string(error->what()).find('\x1b'), std::string::npos);
    }
}

TEST_F(ZipTest, DuplicateNamesAreRefused) {
    Zip zip = minimal();
    zip.entries.push_back(zip.entries[1]);
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "two entries are named");
}

TEST_F(ZipTest, CrcOfThePickleIsVerified) {
    Zip zip = minimal();
    zip.entries[0].crc_error = zip.entries[0].descriptor_error = 1;
    expect_refused(zip.bytes(), ErrorCode::CorruptFile, "CRC-32");
}

TEST_F(ZipTest, BigEndianFilesAreRefused) {
    Zip zip = minimal();
    zip.entries[1].data = "big";
    expect_refused(zip.bytes(), ErrorCode::UnsupportedFile, "byte order");
}

TEST_F(ZipTest, FilesWithoutByteOrderAreLittleEndian) {
    Zip zip = minimal();
    zip.entries.erase(zip.entries.begin() + 1);
    EXPECT_NO_THROW(open_bytes(zip.bytes()));
}

}  // namespace
}  // namespace yolovino::test::forge
