#pragma once

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <string>
#include <unistd.h>

namespace yolovino::test {

/// Folder of reference data: the environment's YOLOVINO_SHARED, or the place set at configuration.
inline std::filesystem::path shared_dir() {
    const char* from_environment = std::getenv("YOLOVINO_SHARED");
    return from_environment != nullptr ? from_environment : YOLOVINO_SHARED_DIR;
}

inline bool has_shared() {
    return std::filesystem::exists(shared_dir() / "golden");
}

/// A folder of its own for one test, removed at the end.
class TempFolder {
public:
    TempFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "yolovino-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace yolovino::test

/// Skips a test that needs the reference data where it is absent. In CI the data must be there: see
/// SharedDataIsPresent.
#define YOLOVINO_NEEDS_SHARED()                                                      \
    if (!::yolovino::test::has_shared())                                             \
    GTEST_SKIP() << "reference data not found in " << ::yolovino::test::shared_dir() \
                 << "; set YOLOVINO_SHARED to its folder"
