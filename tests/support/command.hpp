#pragma once

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <sys/wait.h>

#include "support/files.hpp"
#include "support/shared.hpp"

namespace yolovino::test {

struct Outcome {
    int status = -1;
    std::string out;
    std::string err;
};

/// Runs the real command in a folder of its own.
class Command : public testing::Test {
protected:
    Outcome yolo(const std::string& arguments) const {
        const std::string line = "cd '" + folder.path().string() + "' && '" YOLOVINO_COMMAND "' " + arguments +
                                 " >out.txt 2>err.txt </dev/null";
        const int status = std::system(line.c_str());  // NOLINT(cert-env33-c): the shell is what is tested
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(folder.path() / "out.txt"),
                content(folder.path() / "err.txt")};
    }
    /// A failed run says why in one line.
    void expect_failure(const std::string& arguments, int status, const std::string& text) const {
        const Outcome outcome = yolo(arguments);
        EXPECT_EQ(outcome.status, status) << arguments << "\n" << outcome.err;
        EXPECT_NE(outcome.err.find(text), std::string::npos) << arguments << "\n" << outcome.err;
    }
    TempFolder folder;
};

}  // namespace yolovino::test
