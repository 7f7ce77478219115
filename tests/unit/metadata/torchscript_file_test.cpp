#include "metadata/torchscript_file.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "support/forge_zip.hpp"
#include "support/shared.hpp"

namespace yolovino::metadata {
namespace {

namespace forge = test::forge;

/// What is read of a TorchScript archive; its network is a dummy.
forge::Zip script(const std::string& config) {
    forge::Zip zip;
    if (!config.empty()) zip.entries.push_back({.name = "best/extra/config.txt", .data = config});
    zip.entries.push_back({.name = "best/data.pkl", .data = "pickle"});
    zip.entries.push_back({.name = "best/constants.pkl", .data = "\x80\x02)."});
    return zip;
}

class TorchScriptFileTest : public testing::Test {
protected:
    std::optional<Value> read(const forge::Zip& zip) const { return read(zip.bytes()); }
    std::optional<Value> read(const std::string& bytes) const {
        return read_torchscript(forge::write(folder_.path() / "x.torchscript", bytes));
    }
    void expect_refused(const std::string& bytes, const std::string& message) const {
        try {
            read(bytes);
            ADD_FAILURE() << "accepted; expected: " << message;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
        }
    }

private:
    test::TempFolder folder_;
};

TEST_F(TorchScriptFileTest, ConfigJsonIsRead) {
    const auto value = read(script(R"({"stride": 32, "names": {"0": "a"}, "args": {"dynamic": true}})"));
    ASSERT_TRUE(value);
    EXPECT_EQ(value->find("stride")->as_int(), 32);
    EXPECT_EQ(value->find("names")->get<Value::Map>()->at(0).key.as_int(), 0);
    EXPECT_EQ(value->find("args")->find("dynamic")->as_bool(), true);
}

TEST_F(TorchScriptFileTest, AnArchiveWithoutMetadataIsAccepted) {
    EXPECT_FALSE(read(script("")));
}

TEST_F(TorchScriptFileTest, OtherFilesAreNamed) {
    expect_refused("hello", "text file, not a TorchScript archive");
    expect_refused("", "empty file");
    expect_refused(forge::archive("pickle").bytes(), "checkpoint, not a TorchScript archive");
    forge::Zip other;
    other.entries.push_back({.name = "a/readme.txt", .data = "hello"});
    expect_refused(other.bytes(), "ZIP archive, not a TorchScript archive");
    expect_refused(script("{}").bytes().substr(0, 100), "truncated");
    expect_refused(script("{\"a\": }").bytes(), "parse error");
}

TEST_F(TorchScriptFileTest, InvalidCompressedBytesAreRefused) {
    forge::Zip zip = script("not deflate at all");
    zip.entries[0].method = 8;
    expect_refused(zip.bytes(), "cannot be unpacked");
    forge::Zip bomb = script("x");
    bomb.entries[0].method = 8;
    bomb.entries[0].expanded_error = 8 << 20;
    EXPECT_THROW(read(bomb), Error);
}

}  // namespace
}  // namespace yolovino::metadata
