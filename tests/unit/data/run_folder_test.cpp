#include "data/run_folder.hpp"

#include <gtest/gtest.h>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "helpers.hpp"

namespace yolovino::data {
namespace {

namespace fs = std::filesystem;

class RunFolders : public testing::Test {
protected:
    test::TempFolder folder_;
    test::WorkingFolder here_{folder_.path()};
    fs::path root_ = fs::current_path();
};

TEST_F(RunFolders, GetANumberWhereTheNameExists) {
    EXPECT_EQ(make_run_folder("detect", "predict", "", "", false), root_ / "runs/detect/predict");
    EXPECT_EQ(make_run_folder("detect", "predict", "", "", false), root_ / "runs/detect/predict-2");
    EXPECT_EQ(make_run_folder("detect", "predict", "", "", false), root_ / "runs/detect/predict-3");
    EXPECT_EQ(make_run_folder("detect", "predict", "", "", true), root_ / "runs/detect/predict");
    EXPECT_EQ(make_run_folder("detect", "val", "", "", false), root_ / "runs/detect/val");
    EXPECT_TRUE(fs::is_directory(root_ / "runs/detect/predict-3"));
    fs::remove(root_ / "runs/detect/predict-2");
    EXPECT_EQ(make_run_folder("detect", "predict", "", "", false), root_ / "runs/detect/predict-2");
}

TEST_F(RunFolders, ProjectAndNameMakeThePath) {
    EXPECT_EQ(make_run_folder("detect", "predict", "mine", "trial", false), root_ / "runs/detect/mine/trial");
    EXPECT_EQ(make_run_folder("detect", "predict", (root_ / "out").string(), "", false), root_ / "out/predict");
    EXPECT_EQ(make_run_folder("detect", "predict", (root_ / "out").string(), "", true), root_ / "out/predict");
    EXPECT_EQ(make_run_folder("detect", "predict", (root_ / "out/").string(), "a.b/c d", false), root_ / "out/a.b/c d");
    EXPECT_EQ(make_run_folder("detect", "predict", "", (root_ / "abs").string(), false), root_ / "abs");
}

TEST_F(RunFolders, ASlashAtTheEndChangesNothing) {
    EXPECT_EQ(make_run_folder("detect", "predict", "", "trial/", false), root_ / "runs/detect/trial");
    EXPECT_EQ(make_run_folder("detect", "predict", "", "trial/", false), root_ / "runs/detect/trial-2");
}

TEST_F(RunFolders, AFileOfThatNameCountsAsARun) {
    fs::create_directories("runs/detect");
    base::write_text_file("runs/detect/predict", "x");
    EXPECT_EQ(make_run_folder("detect", "predict", "", "", false), root_ / "runs/detect/predict-2");
    EXPECT_THROW(make_run_folder("detect", "predict", "", "", true), Error);
    try {
        make_run_folder("detect", "predict", (root_ / "runs/detect/predict").string(), "", false);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::IoFailure);
        EXPECT_NE(std::string(error.what()).find("runs/detect/predict"), std::string::npos) << error.what();
    }
}

TEST_F(RunFolders, TwoThreadsNeverGetTheSameFolder) {
    constexpr int kThreads = 8;
    constexpr int kEach = 25;
    std::vector<std::vector<fs::path>> made(kThreads);
    std::vector<std::thread> threads;
    for (auto& mine : made) {
        threads.emplace_back([&mine] {
            for (int i = 0; i < kEach; ++i) mine.push_back(make_run_folder("detect", "predict", "", "", false));
        });
    }
    for (auto& thread : threads) thread.join();
    std::set<fs::path> all;
    for (const auto& mine : made) all.insert(mine.begin(), mine.end());
    EXPECT_EQ(all.size(), std::size_t{kThreads * kEach});
    EXPECT_TRUE(all.contains(root_ / "runs/detect/predict-200"));
}

TEST_F(RunFolders, TwoProcessesNeverGetTheSameFolder) {
    constexpr int kProcesses = 4;
    constexpr int kEach = 25;
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            int failures = 0;
            // A second owner of one folder would find the file there.
            for (int run = 0; run < kEach; ++run)
                failures += fs::create_directory(make_run_folder("detect", "predict", "", "", false) / "owned") ? 0 : 1;
            ::_exit(failures);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    EXPECT_TRUE(fs::exists(root_ / "runs/detect/predict-100"));
    EXPECT_FALSE(fs::exists(root_ / "runs/detect/predict-101"));
}

TEST_F(RunFolders, NumberingEndsAt9999) {
    fs::create_directory("many");
    // Links to one file take the names as folders do, and are made far faster.
    base::write_text_file("many/r", "x");
    for (int i = 2; i < 9999; ++i) fs::create_hard_link("many/r", "many/r-" + std::to_string(i));
    const std::string project = (root_ / "many").string();
    EXPECT_EQ(make_run_folder("detect", "predict", project, "r", false).filename(), "r-9999");
    EXPECT_THROW(make_run_folder("detect", "predict", project, "r", false), Error);
}

}  // namespace
}  // namespace yolovino::data
