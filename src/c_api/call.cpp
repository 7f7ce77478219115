#include "c_api/call.hpp"

#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <fmt/format.h>
#include <new>

#include "options/argument.hpp"
#include "options/text.hpp"

namespace yolovino::c_api {

namespace {

/// Exists before memory runs out, and is never freed.
yv_error& no_memory() noexcept {
    static yv_error& error = *new (std::nothrow) yv_error{YV_LIMIT_EXCEEDED, "[c] out of memory"};
    return error;
}
[[maybe_unused]] const yv_error& kMadeAtStart = no_memory();

yv_status give(yv_error made, yv_error** place) {
    const yv_status status = made.code;
    if (place != nullptr) *place = new yv_error(std::move(made));
    return status;
}

yv_error of(const Error& error) {
    yv_error made{status_of(error.code()), error.what(), error.hint(), error.where().file, error.where().module_path};
    if (error.where().offset_bytes) made.offset_bytes = static_cast<std::int64_t>(*error.where().offset_bytes);
    return made;
}

yv_status translate(std::string_view area, yv_error** place) {
    try {
        throw;
    } catch (const Error& error) {
        return give(of(error), place);
    } catch (const options::UsageError& error) {
        const std::string text = options::join(error.lines(), "; ");
        return give(of(Error(ErrorCode::InvalidArgument, area, text)), place);
    } catch (const OtherEnd& end) {
        return give({end.status, fmt::format("[{}] {}", area, end.text)}, place);
    } catch (const abi::__forced_unwind&) {
        throw;  // pthread_cancel: a thread that stops it is ended with the process
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        return give(of(Error(ErrorCode::RuntimeFailure, area, fmt::format("failed: {}", error.what()))), place);
    } catch (...) {
        return give(of(Error(ErrorCode::RuntimeFailure, area, "failed, and the exception says nothing")), place);
    }
}

}  // namespace

yv_status report(std::string_view area, yv_error** error) {
    try {
        return translate(area, error);
    } catch (const abi::__forced_unwind&) {
        throw;
    } catch (...) {  // none was left, or none for the message
        if (error != nullptr) *error = &no_memory();
        return YV_LIMIT_EXCEEDED;
    }
}

yv_error* copy_of(const yv_error& error) noexcept {
    if (&error == &no_memory()) return &no_memory();
    try {
        return new yv_error(error);
    } catch (...) {
        return &no_memory();
    }
}

void expect(const void* pointer, std::string_view name) {
    if (pointer == nullptr)
        throw Error(ErrorCode::InvalidArgument, "c", fmt::format("{} is NULL", name), {}, "give a valid pointer");
}

char* new_text(std::string_view text) {
    auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
    if (copy == nullptr) throw std::bad_alloc();
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    return copy;
}

}  // namespace yolovino::c_api

using yolovino::ErrorCode;

const char* yv_status_name(yv_status status) {
    switch (status) {
        case YV_OK:
            return "Ok";
        case YV_CANCELLED:
            return "Cancelled";
        case YV_TIMEOUT:
            return "Timeout";
        default:
            break;
    }
    constexpr auto kLast = yolovino::c_api::status_of(ErrorCode::MissingComponent);
    // The names are text of the program and end with a zero byte.
    return status > 0 && status <= kLast ? yolovino::to_string(static_cast<ErrorCode>(status - 1)).data() : "Unknown";
}

yv_status yv_error_code(const yv_error* error) {
    return error == nullptr ? YV_OK : error->code;
}

const char* yv_error_message(const yv_error* error) {
    return error == nullptr ? "" : error->message.c_str();
}

const char* yv_error_hint(const yv_error* error) {
    return error == nullptr ? "" : error->hint.c_str();
}

const char* yv_error_file(const yv_error* error) {
    return error == nullptr ? "" : error->file.c_str();
}

const char* yv_error_module(const yv_error* error) {
    return error == nullptr ? "" : error->module.c_str();
}

int64_t yv_error_offset(const yv_error* error) {
    return error == nullptr ? -1 : error->offset_bytes;
}

void yv_error_free(yv_error* error) {
    if (error != &yolovino::c_api::no_memory()) delete error;
}

void yv_string_free(char* text) {
    std::free(text);
}
