#include "engine/picture_pairs.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "yolovino/error.hpp"

namespace yolovino::engine {
namespace {

NextPicture pictures(const std::vector<std::string>& paths) {
    std::vector<Results> all;
    for (const std::string& path : paths) all.emplace_back().path = path;
    return [all, at = std::size_t{0}]() mutable { return at < all.size() ? &all[at++] : nullptr; };
}

std::string walk(const std::vector<std::string>& first, const std::vector<std::string>& second) {
    std::string seen;
    try {
        for_each_pair(pictures(first), pictures(second),
                      [&](const Results& one, const Results& other) { seen += one.path + other.path + " "; });
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), ErrorCode::RuntimeFailure);
        seen += e.message();
    }
    return seen;
}

TEST(PicturePairs, GoThroughBothSides) {
    EXPECT_EQ(walk({"a", "b"}, {"a", "b"}), "aa bb ");
    EXPECT_EQ(walk({}, {}), "");
}

TEST(PicturePairs, ASideThatEndsEarlierIsNotPassedOver) {
    EXPECT_EQ(walk({"a", "b"}, {"a"}), "aa the second side ended after 1 pictures, the other one goes on with b");
    EXPECT_EQ(walk({}, {"a"}), "the first side ended after 0 pictures, the other one goes on with a");
}

TEST(PicturePairs, DifferentPicturesAreNotCompared) {
    EXPECT_EQ(walk({"a", "b", "c"}, {"a", "c"}), "aa the sides are at different pictures, b and c");
}

}  // namespace
}  // namespace yolovino::engine
