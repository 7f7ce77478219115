#include "base/api_call.hpp"

#include <cxxabi.h>
#include <exception>
#include <filesystem>
#include <fmt/format.h>
#include <new>
#include <system_error>

#include "base/fail.hpp"

namespace yolovino::base {

namespace {

[[noreturn]] void throw_translated(std::string_view area) {
    try {
        throw;
    } catch (const Error&) {
        throw;
    } catch (const abi::__forced_unwind&) {
        throw;  // pthread_cancel: a thread that stops it is ended with the process
    } catch (const std::bad_alloc&) {
        fail_out_of_memory(area);
    } catch (const std::filesystem::filesystem_error& e) {
        throw Error(ErrorCode::IoFailure, area, fmt::format("the file system refuses: {}", e.code().message()),
                    {.file = e.path1().string()});
    } catch (const std::system_error& e) {
        throw Error(ErrorCode::IoFailure, area, fmt::format("the system refuses: {}", e.what()));
    } catch (const std::exception& e) {
        throw Error(ErrorCode::RuntimeFailure, area, fmt::format("failed: {}", e.what()));
    } catch (...) {
        throw Error(ErrorCode::RuntimeFailure, area, "failed, and the exception says nothing");
    }
}

}  // namespace

void throw_as_error(std::string_view area) {
    try {
        throw_translated(area);
    } catch (const std::bad_alloc&) {
        fail_out_of_memory(area);  // none was left for the message
    }
}

}  // namespace yolovino::base
