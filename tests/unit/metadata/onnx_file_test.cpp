#include "metadata/onnx_file.hpp"

#include <gtest/gtest.h>
#include <optional>

#include "yolovino/error.hpp"

#include "support/forge_onnx.hpp"
#include "support/forge_zip.hpp"
#include "support/shared.hpp"

namespace yolovino::metadata {
namespace {

namespace forge = test::forge;

class OnnxFileTest : public testing::Test {
protected:
    OnnxFile read(const std::string& bytes) const { return read_onnx(forge::write(folder_.path() / "x.onnx", bytes)); }
    std::optional<ErrorCode> refusal(const std::string& bytes) const {
        try {
            read(bytes);
        } catch (const Error& error) {
            return error.code();
        }
        return std::nullopt;
    }

private:
    test::TempFolder folder_;
};

TEST_F(OnnxFileTest, ReadsPropertiesAndShapes) {
    const forge::Onnx file{.properties = {{"stride", "32"}, {"names", "{0: 'a'}"}},
                           .inputs = {forge::onnx_tensor("images", {-1, 3, -1, 640})},
                           .outputs = {forge::onnx_tensor("output0", {1, 6, 8400}, 10)}};
    const OnnxFile read_back = read(file.bytes());
    EXPECT_EQ(read_back.properties, file.properties);
    ASSERT_EQ(read_back.inputs.size(), 1U);
    EXPECT_EQ(read_back.inputs[0].name, "images");
    EXPECT_EQ(read_back.inputs[0].element_type, 1);
    EXPECT_EQ(read_back.inputs[0].dims, (std::vector<std::int64_t>{-1, 3, -1, 640}));
    ASSERT_EQ(read_back.outputs.size(), 1U);
    EXPECT_EQ(read_back.outputs[0].element_type, 10);
    EXPECT_TRUE(read_back.outputs[0].ranked);
}

TEST_F(OnnxFileTest, OtherFileKindsAreNamedInTheError) {
    EXPECT_EQ(refusal(""), ErrorCode::UnsupportedFile);
    EXPECT_EQ(refusal("hello"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(refusal("{\"a\": 1}"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(refusal("PK\x03\x04"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(refusal("\x89PNG\r\n\x1a\n"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(refusal(forge::number_field(1, 8) + forge::bytes_field(2, "pytorch")), ErrorCode::CorruptFile)
        << "a file without a graph";
}

TEST_F(OnnxFileTest, EveryTruncationIsRefusedOrLacksTheTail) {
    const std::string whole = forge::Onnx{.properties = {{"stride", "32"}}}.bytes();
    std::size_t refused = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) refused += refusal(whole.substr(0, size)) ? 1U : 0U;
    // Between two fields a truncation cannot be seen; there are two such places behind the graph.
    EXPECT_GE(refused, whole.size() - 3);
}

TEST_F(OnnxFileTest, NoByteCrashesTheReader) {
    forge::Onnx file{.properties = {{"stride", "32"}}};
    const std::string whole = file.bytes();
    for (std::size_t i = 0; i<whole.size(); i += i> 60 && i + 200 < whole.size() ? 97 : 1) {
        for (const int flip : {0x01, 0x55, 0x80, 0xFF}) {
            std::string changed = whole;
            changed[i] = static_cast<char>(changed[i] ^ flip);
            const auto code = refusal(changed);
            EXPECT_TRUE(!code || code == ErrorCode::CorruptFile || code == ErrorCode::UnsupportedFile ||
                        code == ErrorCode::LimitExceeded)
                << i;
        }
    }
}

TEST_F(OnnxFileTest, WrongLengthsAreRefused) {
    const std::string start = forge::number_field(1, 8) + forge::bytes_field(2, "pytorch");
    EXPECT_EQ(refusal(start + forge::varint(7U << 3U | 2U) + forge::varint(~std::uint64_t{0}) + "x"),
              ErrorCode::CorruptFile);
    EXPECT_EQ(refusal(start + std::string(12, '\xFF')), ErrorCode::CorruptFile);
    EXPECT_EQ(refusal(start + forge::varint(7U << 3U | 3U)), ErrorCode::CorruptFile) << "a group";
}

}  // namespace
}  // namespace yolovino::metadata
