#pragma once

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/error.hpp"

#include "checkpoint/checkpoint.hpp"
#include "support/forge_zip.hpp"
#include "support/shared.hpp"

namespace yolovino::test::forge {

/// A folder for forged files, and the opening of what was forged.
class CheckpointTest : public ::testing::Test {
protected:
    checkpoint::Checkpoint open_bytes(const std::string& bytes) {
        return checkpoint::Checkpoint::open(write(folder_.path() / "forged.pt", bytes));
    }
    checkpoint::Checkpoint open_pickle(const std::string& value, const std::vector<std::string>& storages = {}) {
        return open_bytes(archive(pickle(value), storages).bytes());
    }
    /// What opening reports; nothing, with a failure of the test, if it succeeds.
    std::optional<Error> refusal(const std::string& bytes) {
        try {
            open_bytes(bytes);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "a forged file was accepted";
        return std::nullopt;
    }
    void expect_refused(const std::string& bytes, ErrorCode code, const std::string& words) {
        const auto error = refusal(bytes);
        if (!error) return;
        EXPECT_EQ(error->code(), code) << error->what();
        EXPECT_NE(std::string(error->what()).find(words), std::string::npos) << error->what();
    }
    void expect_pickle_refused(const std::string& value, ErrorCode code, const std::string& words,
                               const std::vector<std::string>& storages = {}) {
        expect_refused(archive(pickle(value), storages).bytes(), code, words);
    }
    void expect_stream_refused(const std::string& stream, ErrorCode code, const std::string& words) {
        expect_refused(archive(stream).bytes(), code, words);
    }

    TempFolder folder_;
};

/// The smallest checkpoint: a model without layers.
inline std::string minimal_pickle() {
    return named({{"model", detection_model()}, {"epoch", integer(-1)}});
}

}  // namespace yolovino::test::forge
