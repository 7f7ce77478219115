#pragma once

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "runtime/libtorch/libtorch.hpp"

namespace yolovino::test {

inline bool has_libtorch() {
    try {
        return !runtime::libtorch_version().empty();
    } catch (const Error&) {
        return false;
    }
}

}  // namespace yolovino::test

#define YOLOVINO_NEEDS_LIBTORCH()          \
    if (!::yolovino::test::has_libtorch()) \
    GTEST_SKIP() << "this build has no LibTorch; run 'make' without YOLOVINO_LIBTORCH=0"
