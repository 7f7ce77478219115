/// Keras archives whose description makes much of few bytes.
#include "imports/keras.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolovino/error.hpp"

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "container/zip_reader.hpp"
#include "support/forge_zip.hpp"
#include "support/peak_memory.hpp"
#include "support/repeat.hpp"
#include "support/shared.hpp"

namespace yolovino::imports {
namespace {

using nlohmann::json;

/// A genuine archive, to be written with another description.
class KerasArchive : public testing::Test {
protected:
    void SetUp() override {
        const base::RandomAccessFile file(YOLOVINO_SOURCE_DIR "/tests/data/imports/layers/tiny.keras");
        const container::ZipReader archive(file, container::ZipReader::Kind::Appended);
        constexpr std::uint64_t kMost = 1U << 24U;
        const auto text = [&](const char* name) {
            return std::string(base::as_text(archive.read(*archive.find(name), kMost)));
        };
        model = json::parse(text("config.json"));
        weights = {.name = "model.weights.h5", .data = text("model.weights.h5")};
    }

    LayerList read(const std::string& config) const {
        test::forge::Zip zip;
        zip.entries = {{.name = "config.json", .data = config}, weights};
        std::string bytes = zip.bytes();
        // Behind the data, both of their sizes stand again.
        const auto expanded =
            static_cast<std::uint32_t>(static_cast<std::int64_t>(weights.data.size()) + weights.expanded_error);
        bytes.replace(bytes.rfind("PK\x07\x08") + 12, 4, test::forge::little(expanded));
        return read_keras(test::forge::write(folder_.path() / "x.keras", bytes));
    }
    void expect_refused(const std::string& config, const std::string& words) const {
        try {
            read(config);
            ADD_FAILURE() << "accepted, wanted: " << words;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::LimitExceeded) << error.what();
            EXPECT_NE(error.message().find(words), std::string::npos) << error.what();
            EXPECT_LT(std::string_view(error.what()).size(), 1'000U);
        }
    }

    json& layer(std::size_t place) { return model["config"]["layers"].at(place); }
    /// The description with the calls of a layer replaced by so many.
    std::string called(std::size_t place, std::size_t calls) {
        layer(place)["inbound_nodes"] = "CALLS";
        std::string text = model.dump();
        const std::string mark = "\"CALLS\"";
        text.replace(text.find(mark), mark.size(), "[" + test::repeat("[],", calls - 1) + "[]]");
        return text;
    }

    json model;
    test::forge::Entry weights;

private:
    test::TempFolder folder_;
};

TEST_F(KerasArchive, AGenuineArchiveIsRead) {
    const LayerList list = read(model.dump());
    EXPECT_EQ(list.layers.size(), model["config"]["layers"].size());
    for (std::size_t i = 0; i < list.layers.size(); ++i) {
        EXPECT_EQ(list.layers[i].name, layer(i)["config"]["name"]);
        EXPECT_EQ(*list.layers[i].config, layer(i)["config"]);
        EXPECT_EQ(list.layers[i].arguments == nullptr, list.layers[i].inputs.empty()) << i;
    }
}

TEST_F(KerasArchive, DeeplyNestedConfigIsRefused) {
    layer(0)["config"]["extra"] = "DEEP";
    const std::string text = model.dump();
    const std::size_t at = text.find("\"DEEP\"");
    expect_refused(
        text.substr(0, at) + test::repeat("[", 1'000'000) + test::repeat("]", 1'000'000) + text.substr(at + 6),
        "nested deeper than 64");
}

TEST_F(KerasArchive, TheConfigIsLimitedInSize) {
    expect_refused(model.dump() + std::string(16U << 20U, ' '), "config.json");
    model["extra"] = "MANY";
    std::string text = model.dump();
    text.replace(text.find("\"MANY\""), 6, "[" + test::repeat("0,", 2'000'000) + "0]");
    expect_refused(text, "more than 2000000 values");
}

// They are refused by what the directory says, before anything is inflated.
TEST_F(KerasArchive, WeightsThatGrowAreRefused) {
    weights.method = 8;
    weights.expanded_error = 300 << 20;
    expect_refused(model.dump(), "model.weights.h5");
}

TEST_F(KerasArchive, CallsShareTheDescription) {
    constexpr std::size_t kCalls = 10'000;
    layer(0)["config"]["extra"] = std::string(200'000, 'x');
    const std::string text = called(0, kCalls);
    const std::int64_t before = test::peak_bytes();
    const LayerList list = read(text);
    ASSERT_GT(list.layers.size(), kCalls);
    EXPECT_EQ(list.layers[0].config, list.layers[kCalls - 1].config);
    EXPECT_EQ(list.layers[kCalls - 1].outputs.front(), list.layers[0].name + ":9999:0");
    EXPECT_LT(test::peak_bytes() - before, 512 << 20);  // a copy for each would take 2 GB
}

TEST_F(KerasArchive, CallsAreLimitedAllTogether) {
    expect_refused(called(0, 20'001), "called more than 20000 times");
    model["config"]["layers"].push_back(layer(0));
    const std::string text = called(0, 12'000);
    const std::size_t first = text.find("[[],");
    const std::string calls = text.substr(first, text.find("[]]", first) + 3 - first);
    layer(0)["inbound_nodes"] = "FIRST";
    layer(model["config"]["layers"].size() - 1)["inbound_nodes"] = "LAST";
    std::string both = model.dump();
    both.replace(both.find("\"FIRST\""), 7, calls);
    both.replace(both.find("\"LAST\""), 6, calls);
    expect_refused(both, "called more than 20000 times");
}

TEST_F(KerasArchive, CallsDoNotRepeatLongNamesOrWeights) {
    const std::string name = layer(0)["config"]["name"];
    layer(0)["config"]["name"] = std::string(100'000, 'x');
    expect_refused(called(0, 10'000), "repeat too many bytes");
    layer(0)["config"]["name"] = name;
    layer(0)["inbound_nodes"] = json::array();
    // The largest kernel of the model; each call is a convolution with its own copy.
    std::size_t widest = 0;
    std::size_t most = 0;
    const LayerList list = read(model.dump());
    for (std::size_t i = 0; i < list.layers.size(); ++i) {
        const std::size_t values = list.layers[i].weights->empty() ? 0 : list.layers[i].weights->front().values.size();
        if (values > most) widest = i;
        most = std::max(most, values);
    }
    ASSERT_GT(most, 4'000U);
    expect_refused(called(widest, 18'000), "repeat too many bytes");
    layer(widest)["inbound_nodes"] = json::array();
    layer(1)["config"]["scale"] = std::vector<int>(10'000, 1);
    expect_refused(called(1, 10'000), "repeat too many bytes");
    layer(1)["config"].erase("scale");
    layer(1)["inbound_nodes"] = json::array();
    EXPECT_GT(read(called(widest, 5)).layers.size(), list.layers.size());
}

}  // namespace
}  // namespace yolovino::imports
