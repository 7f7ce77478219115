#include "base/child_process.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <gtest/gtest.h>
#include <new>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <vector>

#include "yolovino/error.hpp"

#include "base/sanitizers.hpp"

namespace yolovino::base {
namespace {

using Work = ChildProcess::Work;

std::string all_of(ChildProcess& child) {
    std::string text;
    std::array<std::byte, 999> piece{};
    while (const std::size_t count = child.read_some(piece)) text += as_text(std::span(piece).first(count));
    return text;
}

/// What reading to the end throws; nothing, with a failure of the test, if it throws nothing.
std::optional<Error> thrown_by(const Work& work, const ChildLimits& limits = {}) {
    ChildProcess child(work, limits);
    try {
        all_of(child);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return std::nullopt;
}

ChildEnding ending_of(const Work& work, const ChildLimits& limits = {}) {
    ChildProcess child(work, limits);
    all_of(child);
    return child.wait();
}

TEST(ChildProcess, OutputArrivesWhole) {
    std::string long_text;
    for (int i = 0; i < 300'000; ++i) long_text += static_cast<char>(i * 7 % 251);
    ChildProcess child([&](ChildOutput& output) {
        output.write(as_bytes(long_text));
        output.write({});
        output.write(as_bytes("end"));
    });
    EXPECT_EQ(all_of(child), long_text + "end");
    const ChildEnding ending = child.wait();
    EXPECT_TRUE(ending.whole);
    EXPECT_EQ(ending.status, 0);
    EXPECT_FALSE(ending.signal);
}

TEST(ChildProcess, ReadsAcrossPiecesAndNotBeyondTheEnd) {
    ChildProcess child([](ChildOutput& output) {
        for (const char* each : {"ab", "c", "de"}) output.write(as_bytes(each));
    });
    std::string four(4, '\0');
    EXPECT_TRUE(child.read(std::as_writable_bytes(std::span(four))));
    EXPECT_EQ(four, "abcd");
    EXPECT_FALSE(child.read(std::as_writable_bytes(std::span(four)))) << "one byte is left";
    EXPECT_TRUE(child.wait().whole);
    EXPECT_FALSE(child.read(std::as_writable_bytes(std::span(four))));
}

TEST(ChildProcess, ErrorsKeepEveryPart) {
    const auto error = thrown_by([](ChildOutput& output) {
        output.write(as_bytes("half"));
        throw Error(ErrorCode::UnsupportedModel, "import", "what\n",
                    {.file = "a.h5", .offset_bytes = 17, .module_path = "m"}, "do it");
    });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::UnsupportedModel);
    EXPECT_EQ(error->message(), "what\n");
    EXPECT_EQ(error->hint(), "do it");
    EXPECT_EQ(error->where().offset_bytes, 17U);
    EXPECT_STREQ(error->what(), "[import] what\\x0a (a.h5 at 0x11, in m); do it");
}

TEST(ChildProcess, OtherExceptionsBecomeErrors) {
    auto error = thrown_by([](ChildOutput&) { throw std::runtime_error("odd"); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::RuntimeFailure);
    EXPECT_EQ(error->message(), "odd");
    error = thrown_by([](ChildOutput&) { throw std::bad_alloc(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::LimitExceeded);
    EXPECT_TRUE(thrown_by([](ChildOutput&) { throw 1; }));
}

TEST(ChildProcess, DeathByASignalIsReportedWithItsNumber) {
    for (const int number : {SIGKILL, SIGTERM, SIGSEGV}) {
        const ChildEnding ending = ending_of([&](ChildOutput& output) {
            std::signal(number, SIG_DFL);
            output.write(as_bytes("half"));
            std::raise(number);
        });
        EXPECT_FALSE(ending.whole);
        EXPECT_EQ(ending.signal, number);
        EXPECT_NE(ending.text().find("signal " + std::to_string(number)), std::string::npos) << ending.text();
    }
    const ChildEnding left = ending_of([](ChildOutput&) { ::_exit(3); });
    EXPECT_FALSE(left.whole);
    EXPECT_EQ(left.status, 3);
}

// The program may reap its children itself; then only the message shows whether the work was done.
TEST(ChildProcess, WorksWhereTheProgramIgnoresItsChildren) {
    const auto before = std::signal(SIGCHLD, SIG_IGN);
    ChildProcess child([](ChildOutput& output) { output.write(as_bytes("x")); });
    EXPECT_EQ(all_of(child), "x");
    const ChildEnding whole = child.wait();
    const ChildEnding dead = ending_of([](ChildOutput&) { std::raise(SIGKILL); });
    std::signal(SIGCHLD, before);
    EXPECT_TRUE(whole.whole);
    EXPECT_FALSE(dead.whole);
    EXPECT_FALSE(dead.signal) << "the exit status is lost";
}

TEST(ChildProcess, TheProgramsHandlersDoNotRunInAQuietChild) {
    const auto before = std::signal(SIGSEGV, [](int) { ::_exit(7); });
    const ChildEnding ending = ending_of([](ChildOutput&) { std::raise(SIGSEGV); }, {.quiet = true});
    std::signal(SIGSEGV, before);
    EXPECT_EQ(ending.signal, SIGSEGV);
}

TEST(ChildProcess, AQuietChildPrintsNothing) {
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    const ChildEnding ending = ending_of(
        [](ChildOutput&) { static_cast<void>(::write(STDERR_FILENO, "loud", 4) + ::write(STDOUT_FILENO, "loud", 4)); },
        {.quiet = true});
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_TRUE(ending.whole);
}

// In a program without output streams the pipe takes their numbers.
TEST(ChildProcess, WorksWhereTheStreamsAreClosed) {
    const int out = ::dup(STDOUT_FILENO);
    const int err = ::dup(STDERR_FILENO);
    ::close(STDOUT_FILENO);
    ::close(STDERR_FILENO);
    std::string text;
    bool whole = false;
    {
        ChildProcess child([](ChildOutput& output) { output.write(as_bytes("x")); }, {.quiet = true});
        text = all_of(child);
        whole = child.wait().whole;
    }
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::close(out);
    ::close(err);
    EXPECT_EQ(text, "x");
    EXPECT_TRUE(whole);
}

TEST(ChildProcess, ProcessorTimeIsLimited) {
    const ChildEnding ending = ending_of(
        [](ChildOutput&) {
            std::atomic<int> rounds = 0;
            while (true) ++rounds;
        },
        {.processor_s = 1, .quiet = true});
    EXPECT_FALSE(ending.whole);
    EXPECT_EQ(ending.signal, SIGXCPU);
}

TEST(ChildProcess, SilenceIsLimited) {
    const ChildEnding ending = ending_of([](ChildOutput&) { ::pause(); }, {.silent_s = 1});
    EXPECT_FALSE(ending.whole);
    EXPECT_TRUE(ending.too_long);
    EXPECT_EQ(ending.signal, SIGKILL);
}

TEST(ChildProcess, MemoryIsLimited) {
    if constexpr (kSanitized) return;  // their shadow memory has no limit
    constexpr std::size_t kMebi = 1U << 20U;
    const Work work = [](ChildOutput& output) {
        const std::vector<char> memory(256 * kMebi);
        output.write(std::as_bytes(std::span(memory).first(1)));
    };
    EXPECT_TRUE(ending_of(work, {.memory_bytes = 512 * kMebi}).whole);
    const auto error = thrown_by(work, {.memory_bytes = 128 * kMebi});
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::LimitExceeded);
}

TEST(ChildProcess, DestroyingItEndsTheChild) {
    pid_t child_id = 0;
    {
        ChildProcess child([](ChildOutput& output) {
            const pid_t own = ::getpid();
            output.write(std::as_bytes(std::span(&own, 1)));
            ::pause();
        });
        ASSERT_TRUE(child.read(std::as_writable_bytes(std::span(&child_id, 1))));
        EXPECT_EQ(::kill(child_id, 0), 0);
    }
    EXPECT_EQ(::kill(child_id, 0), -1);
}

TEST(ChildProcess, AChildCanStartAChild) {
    ChildProcess child([](ChildOutput& output) {
        ChildProcess inner([](ChildOutput& deeper) { deeper.write(as_bytes("deep")); });
        output.write(as_bytes(all_of(inner)));
    });
    EXPECT_EQ(all_of(child), "deep");
}

TEST(ChildProcess, ThreadsDoNotDisturbEachOther) {
    constexpr int kRounds = 20;
    std::array<int, 4> right{};
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < right.size(); ++t) {
            threads.emplace_back([&right, t] {
                for (int i = 0; i < kRounds; ++i) {
                    const std::string wanted(1000 * t + 1, static_cast<char>('a' + i));
                    ChildProcess child([&](ChildOutput& output) {
                        output.write(as_bytes(wanted));
                        if (i % 2 == 1) std::raise(SIGKILL);
                    });
                    right[t] += all_of(child) == wanted && child.wait().whole == (i % 2 == 0) ? 1 : 0;
                }
            });
        }
    }
    for (const int each : right) EXPECT_EQ(each, kRounds);
}

}  // namespace
}  // namespace yolovino::base
