#include "support/recorded_text.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "data/dataset.hpp"
#include "data/label_file.hpp"
#include "data/paths.hpp"
#include "data/stream_list.hpp"
#include "helpers.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Files of the names that the recorded lists speak of.
class RecordedText : public testing::Test {
protected:
    void SetUp() override {
        for (const json& name : test::recorded_text().at("files")) {
            const fs::path path = folder_.path() / name.get<std::string>();
            fs::create_directories(path.parent_path());
            base::write_text_file(path, "x");
        }
        fs::create_directories(folder_.path() / "images");
        base::write_text_file(folder_.path() / "images/a.jpg", "x");
    }
    /// Relative to the folder, in order; nothing if `read(file)` refuses the text.
    template <typename Read>
    std::optional<std::vector<std::string>> outcome(const std::string& name, const json& document, Read&& read) {
        const fs::path file = folder_.path() / name;
        base::write_text_file(file, test::recorded_bytes(document.at("in")));
        try {
            std::vector<std::string> found = read(file);
            for (std::string& each : found) each = fs::path(each).lexically_relative(folder_.path()).string();
            std::ranges::sort(found);
            return found;
        } catch (const Error& error) {
            EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
            return std::nullopt;
        }
    }
    static std::optional<std::vector<std::string>> wanted(const json& document) {
        if (document.contains("error")) return std::nullopt;
        auto out = document.at("out").get<std::vector<std::string>>();
        std::ranges::sort(out);
        return out;
    }
    /// @param differs documents that are read otherwise on purpose: docs/parity.md
    template <typename Read>
    void compare(const std::string& kind, const std::string& name, std::size_t least,
                 const std::set<std::string>& differs, Read&& read) {
        const test::LogCapture quiet;
        const test::WorkingFolder here(folder_.path());
        std::size_t seen = 0;
        for (const json& document : test::recorded_text().at(kind)) {
            ++seen;
            const auto got = outcome(name, document, read);
            const bool same = got == wanted(document);
            EXPECT_NE(same, differs.contains(test::recorded_bytes(document.at("in"))))
                << kind << " " << document.dump() << " gives "
                << (got ? json(*got).dump(-1, ' ', false, json::error_handler_t::replace) : "an error");
        }
        EXPECT_GE(seen, least);
    }
    test::TempFolder folder_;
};

TEST_F(RecordedText, SourceListsAreReadAsUltralyticsDoes) {
    compare("lists", "list.txt", 50, {"[ab].jpg"}, [](const fs::path& file) {
        MediaFiles found = find_media(file.string());
        found.images.insert(found.images.end(), found.videos.begin(), found.videos.end());
        return found.images;
    });
}

TEST_F(RecordedText, SourceCsvIsReadAsUltralyticsDoes) {
    // A header may stand above several columns: then that named `source` counts.
    const std::set<std::string> differs = {
        "source,x\na.jpg,1.jpg\n", "x,source\n1.jpg,a.jpg\n", ",source\n0,a.jpg\n",   "source,source\na.jpg,b c.jpg",
        "source,x\na.jpg\n",       "source,\na.jpg,\n",       "source,x,y\na.jpg,,\n"};
    compare("csv", "list.csv", 60, differs, [](const fs::path& file) {
        MediaFiles found = find_media(file.string());
        found.images.insert(found.images.end(), found.videos.begin(), found.videos.end());
        return found.images;
    });
}

TEST_F(RecordedText, ListsOfDatasets) {
    // Spaces around names, one image twice, and names that are no UTF-8.
    const std::set<std::string> differs = {"a.jpg \n b c.jpg", "a.jpg\t\n\tb c.jpg", "a.jpg\na.jpg\n", "\xE4.jpg",
                                           "a.jpg\n\xFF"};
    compare("listed", "listed.txt", 45, differs, [](const fs::path& file) {
        base::write_text_file(file.parent_path() / "d.yaml", "val: listed.txt\nnames: [a]\n");
        return read_dataset(file.parent_path() / "d.yaml", "val").images;
    });
}

TEST_F(RecordedText, StreamListsAreReadAsUltralyticsDoes) {
    // A name may hold spaces if there is such a file.
    compare("streams", "list.streams", 15, {"x y.mp4\n"},
            [](const fs::path& file) { return read_stream_list(file.string()); });
}

TEST_F(RecordedText, DatasetFilesAreReadAsUltralyticsDoes) {
    const test::LogCapture quiet;
    const test::WorkingFolder here(folder_.path());
    std::size_t seen = 0;
    for (const json& document : test::recorded_text().at("datasets")) {
        ++seen;
        const std::string text = test::recorded_bytes(document.at("in"));
        base::write_text_file(folder_.path() / "d.yaml", text);
        json got = "refused";
        try {
            got = read_dataset(folder_.path() / "d.yaml", "val").names;
        } catch (const Error& error) {
            EXPECT_EQ(std::string_view(error.what()).find('\n'), std::string_view::npos) << error.what();
        }
        const bool unused_tag = text.find("!!binary") != std::string::npos;
        const json want = unused_tag || document.contains("error") || document.contains("class") ? json("refused")
                                                                                                 : document.at("out");
        EXPECT_EQ(got, want) << document.dump();
    }
    EXPECT_GE(seen, 100U);
}

TEST(RecordedLabels, AreReadAsUltralyticsReadsThem) {
    std::size_t seen = 0;
    for (const json& document : test::recorded_text().at("labels")) {
        ++seen;
        const LabelFile file = parse_labels(test::recorded_bytes(document.at("in")), 4);
        EXPECT_EQ(file.problem.empty(), !document.contains("error")) << document.dump() << " " << file.problem;
        if (document.contains("error") || !file.problem.empty()) continue;
        EXPECT_EQ(file.duplicates, document.at("duplicates").get<std::size_t>()) << document.dump();
        auto want = document.at("out").get<std::vector<std::array<double, 5>>>();
        std::ranges::sort(want);
        std::vector<std::array<double, 5>> got;
        for (const Label& label : file.labels)
            got.push_back({static_cast<double>(label.cls), label.cx, label.cy, label.width, label.height});
        std::ranges::sort(got);
        ASSERT_EQ(got.size(), want.size()) << document.dump();
        for (std::size_t i = 0; i < got.size(); ++i) {
            for (std::size_t k = 0; k < 5; ++k) EXPECT_NEAR(got[i][k], want[i][k], 2e-7) << document.dump();
        }
    }
    EXPECT_GE(seen, 400U);
}

}  // namespace
}  // namespace yolovino::data
