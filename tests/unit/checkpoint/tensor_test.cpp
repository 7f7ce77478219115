#include "checkpoint/tensor.hpp"

#include <cmath>

#include "support/forge_checkpoint.hpp"

namespace yolovino::test::forge {
namespace {

class TensorTest : public CheckpointTest {
protected:
    static std::string model_with(const std::string& tensor_bytes) {
        return named({{"model", detection_model({.parameters = {{"weight", parameter(tensor_bytes)}}})}});
    }
    std::vector<float> read(const std::string& tensor_bytes, const std::vector<std::string>& storages) {
        const auto file = open_pickle(model_with(tensor_bytes), storages);
        return file.read_f32(*file.model().parameter("weight"), "weight");
    }
    void expect_tensor_refused(const std::string& tensor_bytes, const std::vector<std::string>& storages,
                               ErrorCode code, const std::string& words) {
        expect_pickle_refused(model_with(tensor_bytes), code, words, storages);
    }
    template <typename T>
    static std::string raw(const std::vector<T>& values) {
        return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
    }
};

TEST_F(TensorTest, ElementTypesAreConverted) {
    EXPECT_EQ(read(tensor(storage("0", "FloatStorage", 2), {2}, {1}), {raw<float>({1.5F, -2})}),
              (std::vector<float>{1.5F, -2}));
    EXPECT_EQ(read(tensor(storage("0", "DoubleStorage", 1), {1}, {1}), {raw<double>({0.25})}),
              (std::vector<float>{0.25F}));
    EXPECT_EQ(read(tensor(storage("0", "HalfStorage", 2), {2}, {1}), {raw<std::uint16_t>({0x3C00, 0xC000})}),
              (std::vector<float>{1, -2}));
    EXPECT_EQ(read(tensor(storage("0", "BFloat16Storage", 1), {1}, {1}), {raw<std::uint16_t>({0x3FC0})}),
              (std::vector<float>{1.5F}));
    EXPECT_EQ(read(tensor(storage("0", "LongStorage", 1), {}, {}), {raw<std::int64_t>({-3})}),
              (std::vector<float>{-3}));
}

TEST_F(TensorTest, EveryHalfIsExact) {
    for (unsigned bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        float value = 0;
        checkpoint::convert_f16(&half, &value, 1);
        const int exponent = static_cast<int>(bits >> 10 & 0x1F);
        const int fraction = static_cast<int>(bits & 0x3FF);
        if (exponent == 31 && fraction != 0) {
            EXPECT_TRUE(std::isnan(value)) << bits;
            continue;
        }
        const float magnitude = exponent == 31  ? INFINITY
                                : exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                                : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
        EXPECT_EQ(value, (bits & 0x8000) != 0 ? -magnitude : magnitude) << bits;
        EXPECT_EQ(std::signbit(value), (bits & 0x8000) != 0) << bits;
    }
}

TEST_F(TensorTest, StridesAndOffsetsAreHonoured) {
    const std::string data = raw<float>({0, 1, 2, 3, 4, 5, 6});
    EXPECT_EQ(read(tensor(storage("0", "FloatStorage", 7), {2, 3}, {1, 2}, 1), {data}),
              (std::vector<float>{1, 3, 5, 2, 4, 6}));
    EXPECT_EQ(read(tensor(storage("0", "FloatStorage", 7), {3}, {1}, 4), {data}), (std::vector<float>{4, 5, 6}));
    EXPECT_TRUE(read(tensor(storage("0", "FloatStorage", 7), {0, 5}, {5, 1}), {data}).empty());
}

TEST_F(TensorTest, ViewMustLieWithinItsStorage) {
    const std::string two = raw<float>({1, 2});
    const std::string of = storage("0", "FloatStorage", 2);
    expect_tensor_refused(tensor(of, {3}, {1}), {two}, ErrorCode::CorruptFile, "reaches beyond");
    expect_tensor_refused(tensor(of, {2}, {1}, 1), {two}, ErrorCode::CorruptFile, "reaches beyond");
    expect_tensor_refused(tensor(of, {2}, {2}), {two}, ErrorCode::CorruptFile, "reaches beyond");
    // Strides of zero would unfold eight bytes into gigabytes.
    expect_tensor_refused(tensor(of, {1 << 30}, {0}), {two}, ErrorCode::CorruptFile, "elements");
    expect_tensor_refused(tensor(of, {1 << 30, 1 << 30, 1 << 30}, {0, 0, 0}), {two}, ErrorCode::CorruptFile,
                          "reaches beyond");
    expect_tensor_refused(tensor(of, {-1}, {1}), {two}, ErrorCode::CorruptFile, "not a count");
    expect_tensor_refused(tensor(of, {2}, {-1}), {two}, ErrorCode::CorruptFile, "not a count");
    expect_tensor_refused(tensor(of, {2}, {1, 1}), {two}, ErrorCode::CorruptFile, "strides");
    expect_tensor_refused(tensor(of, std::vector<int>(9, 1), std::vector<int>(9, 1)), {two}, ErrorCode::CorruptFile,
                          "dimensions");
}

TEST_F(TensorTest, SizesMustBeIntegersAndNotBooleans) {
    const std::string bad = reduce(global("torch._utils", "_rebuild_tensor_v2"),
                                   {storage("0", "FloatStorage", 1), integer(0), tuple({boolean(true)}), counts({1}),
                                    boolean(false), ordered_dict({})});
    expect_tensor_refused(bad, {raw<float>({1})}, ErrorCode::CorruptFile, "not a count");
}

TEST_F(TensorTest, StorageMustBeInTheArchiveWithItsSize) {
    expect_tensor_refused(tensor(storage("5", "FloatStorage", 1), {1}, {1}), {}, ErrorCode::CorruptFile,
                          "does not hold");
    expect_tensor_refused(tensor(storage("0", "FloatStorage", 2), {1}, {1}), {raw<float>({1})}, ErrorCode::CorruptFile,
                          "holds 4 bytes");
    expect_tensor_refused(tensor(storage("0", "FloatStorage", 0x7FFFFFFF), {1}, {1}), {raw<float>({1})},
                          ErrorCode::CorruptFile, "holds 4 bytes");
    for (const std::string key : {"", "../version", "1a", "123456789012345678901"}) {
        expect_tensor_refused(tensor(storage(key, "FloatStorage", 1), {1}, {1}), {raw<float>({1})},
                              ErrorCode::CorruptFile, "not a number");
    }
}

TEST_F(TensorTest, OneStorageHasOneType) {
    const std::string value =
        named({{"model", detection_model({.parameters = {{"a", tensor(storage("0", "FloatStorage", 1), {1}, {1})},
                                                         {"b", tensor(storage("0", "IntStorage", 1), {1}, {1})}}})}});
    expect_pickle_refused(value, ErrorCode::CorruptFile, "another type", {raw<float>({1})});
}

// Rule: one key always has the same number of elements.
TEST_F(TensorTest, OneStorageHasOneLength) {
    for (const int other : {1, 3}) {
        const std::string value =
            named({{"model",
                    detection_model({.parameters = {{"a", tensor(storage("0", "FloatStorage", 2), {1}, {1})},
                                                    {"b", tensor(storage("0", "FloatStorage", other), {1}, {1})}}})}});
        expect_pickle_refused(value, ErrorCode::CorruptFile, "another type or length", {raw<float>({1, 2})});
    }
}

// Rule: the file is opened once; what takes its name later is not read.
TEST_F(TensorTest, TheFileIsOpenedOnce) {
    const auto file = open_pickle(model_with(tensor(storage("0", "FloatStorage", 1), {1}, {1})), {raw<float>({1.5F})});
    const auto other = write(folder_.path() / "other.pt", std::string(10'000, 'x'));
    std::filesystem::rename(other, folder_.path() / "forged.pt");
    EXPECT_EQ(file.read_f32(*file.model().parameter("weight"), "weight"), (std::vector<float>{1.5F}));
}

// Rule: a file that shrinks while it is read is an error; of a mapped one it would be the end of the process.
TEST_F(TensorTest, AFileThatShrinksIsAnError) {
    const auto file =
        open_pickle(model_with(tensor(storage("0", "FloatStorage", 4096), {4096}, {1})), {std::string(4 * 4096, '\0')});
    std::filesystem::resize_file(folder_.path() / "forged.pt", 100);
    EXPECT_THROW(file.read_f32(*file.model().parameter("weight"), "weight"), Error);
}

TEST_F(TensorTest, StoragesMayBeShared) {
    const std::string of = storage("0", "FloatStorage", 4);
    const auto file = open_pickle(
        named({{"model",
                detection_model({.parameters = {{"a", tensor(of, {2}, {1})}, {"b", tensor(of, {2}, {1}, 2)}}})}}),
        {raw<float>({1, 2, 3, 4})});
    EXPECT_EQ(file.read_f32(*file.model().parameter("b"), "b"), (std::vector<float>{3, 4}));
    EXPECT_EQ(file.read_f32(*file.model().parameter("a"), "a"), (std::vector<float>{1, 2}));
}

TEST_F(TensorTest, UntypedStorageTakesTheTypeOfTheTensor) {
    const std::string v3 = reduce(global("torch._utils", "_rebuild_tensor_v3"),
                                  {storage("0", "UntypedStorage", 8), integer(0), counts({2}), counts({1}),
                                   boolean(false), ordered_dict({}), global("torch", "float32")});
    EXPECT_EQ(read(v3, {raw<float>({1, 2})}), (std::vector<float>{1, 2}));
    expect_tensor_refused(tensor(storage("0", "UntypedStorage", 8), {2}, {1}), {raw<float>({1, 2})},
                          ErrorCode::CorruptFile, "untyped");
}

TEST_F(TensorTest, ValuesMustBeFinite) {
    EXPECT_THROW(read(tensor(storage("0", "HalfStorage", 1), {1}, {1}), {raw<std::uint16_t>({0x7C00})}), Error);
    EXPECT_THROW(read(tensor(storage("0", "FloatStorage", 1), {1}, {1}), {raw<float>({NAN})}), Error);
    EXPECT_THROW(read(tensor(storage("0", "DoubleStorage", 1), {1}, {1}), {raw<double>({1e300})}), Error);
}

TEST_F(TensorTest, CrcOfAStorageIsVerifiedWhenItIsRead) {
    for (const int shown : {1, 2}) {
        Zip zip =
            archive(pickle(model_with(tensor(storage("0", "FloatStorage", 2), {shown}, {1}))), {raw<float>({1, 2})});
        zip.entries[2].crc_error = zip.entries[2].descriptor_error = 8;
        const auto file = open_bytes(zip.bytes());
        EXPECT_THROW(file.read_f32(*file.model().parameter("weight"), "weight"), Error);
    }
}

TEST_F(TensorTest, OtherKindsOfTensorAreRefusedByNameInTheNetworkOnly) {
    const std::string quantized = reduce(global("torch._utils", "_rebuild_qtensor"), {none()});
    expect_tensor_refused(quantized, {}, ErrorCode::UnsupportedModel, "_rebuild_qtensor");
    const auto file = open_pickle(named({{"model", detection_model()}, {"extra", quantized}}));
    EXPECT_TRUE(std::holds_alternative<checkpoint::Opaque>(file.metadata("extra")->data));
}

}  // namespace
}  // namespace yolovino::test::forge
