#include "serve/reload/repository.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>
#include <vector>

#include "serve/model_list.hpp"
#include "serve/reload/watcher.hpp"
#include "support/shared.hpp"
#include "unit/serve/served_sample.hpp"

namespace yolovino::serve {
namespace {

namespace fs = std::filesystem;
using yolovino::test::TempFolder;

void copy_to(const fs::path& from, const fs::path& to) {
    fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

void write(const fs::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

/// Beside it, then renamed, as files should be replaced.
void replace(const fs::path& file, const fs::path& by) {
    copy_to(by, file.string() + ".new");
    fs::rename(file.string() + ".new", file);
}

class ServeRepository : public ::testing::Test {
protected:
    fs::path file(const std::string& name) const { return folder_.path() / name; }

    void listen(const LoadEvent& event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(event);
    }
    std::size_t events() {
        const std::lock_guard lock(mutex_);
        return events_.size();
    }
    LoadEvent last() {
        const std::lock_guard lock(mutex_);
        return events_.back();
    }
    /// Whether so many events came within a minute.
    bool wait_for_events(std::size_t count) {
        for (int i = 0; i < 6000 && events() < count; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return events() >= count;
    }

    TempFolder folder_;
    std::mutex mutex_;
    std::vector<LoadEvent> events_;
    Generations generations_;
    Repository repository_{generations_,
                           [](const std::string& name, const std::string& path, std::uint64_t number) {
                               return load_generation(name, path, test::on_openvino_cpu_f32(64), number);
                           },
                           {folder_.path()},
                           [this](const LoadEvent& event) { listen(event); }};
};

TEST_F(ServeRepository, ModelsOfTheFolderAreLoadedAndUnloadedByName) {
    copy_to(test::sample_model(), file("a.pt"));
    copy_to(test::sample_model("-cls"), file("b.pt"));
    write(file("notes.txt"), "no model");
    repository_.add("a", file("a.pt"));
    auto index = repository_.index();
    ASSERT_EQ(index.size(), 2U);
    EXPECT_EQ(index[0].state, ModelState::Ready);
    EXPECT_EQ(index[1].name, "b");
    EXPECT_EQ(index[1].state, ModelState::Unavailable);
    repository_.load("b");
    EXPECT_EQ(generations_.find("b")->model.task(), "classify");
    repository_.unload("b");
    EXPECT_EQ(generations_.find("b"), nullptr);
    EXPECT_EQ(repository_.index()[1].reason, "unloaded");
    EXPECT_THROW(repository_.unload("b"), Error);
    repository_.load("b");
    EXPECT_EQ(generations_.find("b")->number, 2U) << "numbers go on";
    EXPECT_THROW(repository_.add("a", file("b.pt")), Error) << "the name is taken";
}

TEST_F(ServeRepository, AFolderThatIsAModelHoldsNone) {
    copy_to(test::sample_model(), file("b.pt"));
    write(file("a.onnx"), "");
    write(file("notes.txt"), "");
    fs::create_directory(file("c_openvino_model"));
    EXPECT_EQ(models_in(folder_.path()), (std::vector{file("a.onnx"), file("b.pt"), file("c_openvino_model")}));
    write(file("c_openvino_model") / "c.xml", "");
    EXPECT_TRUE(models_in(file("c_openvino_model")).empty());
    EXPECT_TRUE(models_in(file("b.pt")).empty());
    EXPECT_TRUE(models_in(file("missing")).empty());
}

TEST_F(ServeRepository, NamesThatLeadElsewhereAreRefused) {
    copy_to(test::sample_model(), file("a.pt"));
    for (const char* name : {"", ".", "..", "../a", "a/b", ".a", "a\\b", "a b", "a\n", "/a"}) {
        EXPECT_FALSE(is_model_name(name)) << name;
        EXPECT_THROW(repository_.load(name), Error) << name;
    }
    EXPECT_TRUE(is_model_name("yolov8n-seg_v1.2"));
    try {
        repository_.load("missing");
        FAIL() << "taken";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), ErrorCode::NotFound);
    }
    EXPECT_EQ(generations_.find("missing"), nullptr);
}

TEST_F(ServeRepository, ABrokenFileKeepsThePreviousGeneration) {
    copy_to(test::sample_model(), file("a.pt"));
    repository_.add("a", file("a.pt"));
    const auto first = generations_.find("a");
    write(file("a.pt"), "no checkpoint");
    EXPECT_EQ(repository_.changed().size(), 1U);
    EXPECT_EQ(repository_.reload_changed(), 0U);
    EXPECT_EQ(generations_.find("a"), first);
    EXPECT_EQ(repository_.index()[0].state, ModelState::Ready);
    EXPECT_EQ(repository_.index()[0].failed_reloads, 1U);
    EXPECT_FALSE(repository_.index()[0].reason.empty());
    EXPECT_FALSE(last().error.empty());
    EXPECT_EQ(last().current, first);
    EXPECT_TRUE(repository_.changed().empty()) << "not again until it changes";
    replace(file("a.pt"), test::sample_model("-seg"));
    EXPECT_EQ(repository_.reload_changed(), 1U);
    EXPECT_EQ(generations_.find("a")->number, 2U);
    EXPECT_EQ(generations_.find("a")->model.task(), "segment");
    EXPECT_TRUE(repository_.index()[0].reason.empty());
}

TEST_F(ServeRepository, WhatTheAuditCallsDangerousIsNotLoaded) {
    copy_to(test::sample_model(), file("a.pt"));
    repository_.add("a", file("a.pt"));
    const auto first = generations_.find("a");
    write(file("a.pt"), std::string("\x80\x02"
                                    "cos\nsystem\n"
                                    "X\x02\x00\x00\x00"
                                    "id\x85R.",
                                    23));
    EXPECT_EQ(repository_.reload_changed(), 0U);
    EXPECT_NE(repository_.index()[0].reason.find("dangerous"), std::string::npos) << repository_.index()[0].reason;
    EXPECT_EQ(generations_.find("a"), first);
}

TEST_F(ServeRepository, TheWatcherLoadsFilesThatAreRenamedIntoPlaceOrRewritten) {
    copy_to(test::sample_model(), file("a.pt"));
    repository_.add("a", file("a.pt"));
    ASSERT_EQ(events(), 1U);
    using std::chrono::milliseconds;
    // Without an event nothing is looked at before the test ends.
    Watcher watcher(repository_,
                    {.settle = milliseconds(50), .patience = milliseconds(5000), .look = milliseconds(60'000)});
    replace(file("a.pt"), test::sample_model("-seg"));
    ASSERT_TRUE(wait_for_events(2));
    EXPECT_EQ(generations_.find("a")->model.task(), "segment");
    copy_to(test::sample_model("-pose"), file("a.pt"));
    ASSERT_TRUE(wait_for_events(3));
    EXPECT_EQ(last().error, "");
    EXPECT_EQ(generations_.find("a")->model.task(), "pose");
}

TEST_F(ServeRepository, AFileThatIsTouchedIsNoNewGeneration) {
    copy_to(test::sample_model(), file("a.pt"));
    repository_.add("a", file("a.pt"));
    replace(file("a.pt"), test::sample_model());
    EXPECT_EQ(repository_.changed().size(), 1U);
    repository_.reload_changed();
    EXPECT_EQ(generations_.find("a")->number, 1U);
    EXPECT_TRUE(repository_.changed().empty());
}

}  // namespace
}  // namespace yolovino::serve
