/// HDF5 files, whole and damaged: what libhdf5 does with them stays in its own process.
#include <csignal>
#include <gtest/gtest.h>
#include <optional>
#include <random>

#include "yolovino/error.hpp"

#include "base/file.hpp"
#include "imports/hdf5_file.hpp"
#include "imports/keras.hpp"
#include "support/shared.hpp"

namespace yolovino::imports {
namespace {

using Bytes = std::vector<std::byte>;

Bytes sample() {
    return base::read_file(YOLOVINO_SOURCE_DIR "/tests/data/imports/layers/tiny.h5", 1U << 20U);
}

std::optional<Error> refusal(const Bytes& image) {
    try {
        read_hdf5(image, "x.h5", image.size());
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

TEST(Hdf5, ArraysAndTextsOfAWholeFileAreRead) {
    const Bytes image = sample();
    const Hdf5Content content = read_hdf5(image, "x.h5", image.size());
    ASSERT_TRUE(content.attributes.contains("@model_config"));
    EXPECT_TRUE(content.attributes.at("@model_config").front().starts_with("{\"class_name\": \"Functional\""));
    std::size_t weights = 0;
    for (const auto& [path, array] : content.arrays) {
        std::size_t count = 1;
        for (const std::int64_t side : array.shape) count *= static_cast<std::size_t>(side);
        EXPECT_EQ(array.values.size(), count) << path;
        weights += path.ends_with("kernel") || path.ends_with("kernel:0") ? 1 : 0;
    }
    EXPECT_GT(weights, 5U);
}

// HDF5 1.10 follows each of these bytes to an address of its own making.
TEST(Hdf5, AFileThatCrashesTheLibraryIsCorrupt) {
    for (const auto& [at, value] : {std::pair{1053, 183}, {73175, 172}}) {
        Bytes image = sample();
        image.at(static_cast<std::size_t>(at)) = static_cast<std::byte>(value);
        const auto error = refusal(image);
        ASSERT_TRUE(error) << at;
        EXPECT_EQ(error->code(), ErrorCode::CorruptFile);
        EXPECT_NE(error->message().find("the HDF5 library failed on it (signal"), std::string::npos) << error->what();
        EXPECT_EQ(error->where().file, "x.h5");
    }
    EXPECT_FALSE(refusal(sample())) << "a crash leaves nothing behind";
}

TEST(Hdf5, ErrorsOfTheReaderArriveAsTheyAre) {
    Bytes image = sample();
    image.resize(image.size() / 2);
    const auto error = refusal(image);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::CorruptFile);
    EXPECT_TRUE(std::string(error->what()).starts_with("[import] not an HDF5 file, or damaged: ")) << error->what();
}

TEST(Hdf5, DamagedFilesOnlyThrow) {
    constexpr unsigned kSeed = 17;
    SCOPED_TRACE(kSeed);
    std::mt19937 random(kSeed);
    const Bytes whole = sample();
    int refused = 0;
    for (int round = 0; round < 150; ++round) {
        Bytes image = whole;
        const std::size_t reach = round % 2 == 0 ? image.size() : 4000;  // heads of groups stand at the begin
        for (unsigned i = 0; i <= random() % 4; ++i) image[random() % reach] = static_cast<std::byte>(random());
        refused += refusal(image) ? 1 : 0;
    }
    EXPECT_GT(refused, 10);
}

// A list of names that gives one array again and again would multiply the file.
TEST(Hdf5, AWeightIsGivenOnce) {
    Bytes image = sample();
    const test::TempFolder folder;
    // The list holds references of 16 bytes: length, address of the heap, index.
    constexpr std::string_view kHeap("\x10\x3E\0\0\0\0\0\0", 8);
    constexpr std::ptrdiff_t kReference = 16;
    const std::string_view text = base::as_text(image);
    const std::size_t at = text.find(kHeap, text.find("weight_names"));
    ASSERT_EQ(text.find(kHeap, at + 1), at + kReference) << "the sample has no such list";
    const auto first = image.begin() + static_cast<std::ptrdiff_t>(at) - 4;
    std::copy_n(first, kReference, first + kReference);
    base::write_file(folder.path() / "twice.h5", image);
    try {
        read_keras(folder.path() / "twice.h5");
        ADD_FAILURE() << "it was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::CorruptFile) << error.what();
        EXPECT_NE(error.message().find("is missing"), std::string::npos) << error.what();
    }
}

/// What the parent makes of a child that says `records`.
class Received : public testing::Test {
protected:
    Hdf5Content receive(const std::function<void(base::ChildOutput&)>& work) {
        base::ChildProcess child(work, {.quiet = true});
        return detail::receive_hdf5(child, "x.h5", {.array_bytes = 4096, .text_bytes = 4096, .processor_s = 1});
    }
    void expect_refused(const std::string& records, ErrorCode code, const std::string& words) {
        try {
            receive([&](base::ChildOutput& output) { output.write(base::as_bytes(records)); });
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            EXPECT_NE(error.message().find(words), std::string::npos) << error.what();
            return;
        }
        ADD_FAILURE() << "nonsense was accepted";
    }
    template <typename T>
    static std::string raw(T value) {
        return {reinterpret_cast<const char*>(&value), sizeof(value)};
    }
    static std::string name(const std::string& text) { return raw(static_cast<std::uint32_t>(text.size())) + text; }
    static std::string head(const std::vector<std::int64_t>& sides) {
        std::string record = "\x01" + name("a") + std::string(1, static_cast<char>(sides.size()));
        for (const std::int64_t side : sides) record += raw(side);
        return record;
    }
};

TEST_F(Received, EverySentArrayArrives) {
    const Hdf5Content content = receive([](base::ChildOutput& output) {
        detail::Hdf5Sender sender(output);
        sender.take("a/b", Array{{2, 1}, {1.5F, -2.0F}});
        sender.take("scalar", Array{{}, {3.0F}});
        sender.take("@texts", std::vector<std::string>{"", "x\n"});
        sender.take("@none", std::vector<std::string>{});
    });
    EXPECT_EQ(content.arrays.at("a/b").shape, (std::vector<std::int64_t>{2, 1}));
    EXPECT_EQ(content.arrays.at("a/b").values, (std::vector<float>{1.5F, -2.0F}));
    EXPECT_EQ(content.arrays.at("scalar").values, (std::vector<float>{3.0F}));
    EXPECT_EQ(content.attributes.at("@texts"), (std::vector<std::string>{"", "x\n"}));
    EXPECT_TRUE(content.attributes.at("@none").empty());
}

// Rule: nothing is allocated for what a misled child only announces.
TEST_F(Received, DeclaredSizesAreLimited) {
    for (const std::vector<std::int64_t>& sides :
         {std::vector<std::int64_t>{1025}, {1LL << 40}, {1LL << 32, 1LL << 32}, {-1}, {-1, -1}, {1LL << 62}})
        expect_refused(head(sides), ErrorCode::LimitExceeded, "arrays");
    expect_refused(head(std::vector<std::int64_t>(33, 1)), ErrorCode::LimitExceeded, "arrays");
    const std::string three = head({400}) + std::string(1600, '\0');
    expect_refused(three + three + three, ErrorCode::LimitExceeded, "arrays");
    expect_refused("\x01" + raw(0xFFFFFFFFU), ErrorCode::LimitExceeded, "names");
    expect_refused("\x02" + name("a") + raw(0xFFFFFFFFU), ErrorCode::LimitExceeded, "texts");
    expect_refused("\x02" + name("a") + raw(1U) + raw(4096U), ErrorCode::LimitExceeded, "texts");
}

TEST_F(Received, ATruncatedMessageIsReportedAsACrash) {
    expect_refused("\x03", ErrorCode::CorruptFile, "the HDF5 library failed on it");
    expect_refused("\x01" + raw(5U) + "ab", ErrorCode::CorruptFile, "the HDF5 library failed on it");
    expect_refused(head({4}) + "1234", ErrorCode::CorruptFile, "the HDF5 library failed on it");
    EXPECT_THROW(receive([](base::ChildOutput&) { std::raise(SIGKILL); }), Error);
}

TEST_F(Received, ALibraryThatDoesNotFinishIsATimeLimit) {
    try {
        receive([](base::ChildOutput&) { std::raise(SIGXCPU); });
        ADD_FAILURE() << "it was accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::LimitExceeded) << error.what();
    }
}

}  // namespace
}  // namespace yolovino::imports
