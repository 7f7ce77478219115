#include "base/api_call.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <new>
#include <stdexcept>
#include <system_error>

#include "yolovino/error.hpp"

namespace yolovino::base {
namespace {

/// What leaves a function of the area `test` whose body does this.
template <typename Body>
Error error_of(const Body& body) {
    try {
        api_call("test", body);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return {ErrorCode::NotFound, "test", "nothing"};
}

void expect(const Error& error, ErrorCode code, const char* line) {
    EXPECT_EQ(to_string(error.code()), to_string(code));
    EXPECT_STREQ(error.what(), line);
}

TEST(ApiCall, ReturnsTheResult) {
    int number = 1;
    EXPECT_EQ(&api_call("test", [&]() -> int& { return number; }), &number);
    api_call("test", [&] { ++number; });
    EXPECT_EQ(number, 2);
}

TEST(ApiCall, LeavesAnErrorAsItIs) {
    const Error thrown(ErrorCode::ShapeMismatch, "inner", "what", {.file = "a.pt"}, "hint");
    expect(error_of([&] { throw Error(thrown); }), ErrorCode::ShapeMismatch, "[inner] what (a.pt); hint");
}

TEST(ApiCall, TranslatesBadAlloc) {
    expect(error_of([] { throw std::bad_alloc(); }), ErrorCode::LimitExceeded, "[test] out of memory");
    expect(error_of([] { throw std::bad_array_new_length(); }), ErrorCode::LimitExceeded, "[test] out of memory");
}

TEST(ApiCall, TranslatesFilesystemErrors) {
    expect(error_of([] { static_cast<void>(std::filesystem::exists(std::string(300, 'a') + "\n")); }),
           ErrorCode::IoFailure,
           ("[test] the file system refuses: File name too long (" + std::string(300, 'a') + "\\x0a)").c_str());
    expect(error_of([] { throw std::system_error(EAGAIN, std::generic_category(), "thread"); }), ErrorCode::IoFailure,
           "[test] the system refuses: thread: Resource temporarily unavailable");
}

TEST(ApiCall, TranslatesOtherExceptionsIntoOneLine) {
    expect(error_of([] { throw std::runtime_error("first\nsecond"); }), ErrorCode::RuntimeFailure,
           "[test] failed: first\\x0asecond");
    expect(error_of([] { throw 42; }), ErrorCode::RuntimeFailure, "[test] failed, and the exception says nothing");
}

}  // namespace
}  // namespace yolovino::base
