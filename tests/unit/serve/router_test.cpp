#include "serve/http/router.hpp"

#include <gtest/gtest.h>

namespace yolovino::serve {
namespace {

Router small_router() {
    Router router;
    router.add({.method = "GET", .path = "/v2", .api = "server", .handle = {}});
    router.add({.method = "GET", .path = "/v2/models/*", .api = "metadata", .handle = {}});
    router.add({.method = "POST", .path = "/v2/models/*", .api = "infer", .cost = Cost::Work, .handle = {}});
    router.add({.method = "GET", .path = "/v2/models/special", .api = "special", .handle = {}});
    return router;
}

std::string api_of(const char* method, const char* path) {
    static const Router kRouter = small_router();
    const Route* route = kRouter.find(method, path);
    return route == nullptr ? "none" : route->api;
}

TEST(ServeRouter, TheLongestPathWins) {
    EXPECT_EQ(api_of("GET", "/v2"), "server");
    EXPECT_EQ(api_of("GET", "/v2/models/a/config"), "metadata");
    EXPECT_EQ(api_of("GET", "/v2/models/special"), "special");
    EXPECT_EQ(api_of("POST", "/v2/models/a/infer"), "infer");
    EXPECT_EQ(api_of("HEAD", "/v2"), "server");
    for (const char* path : {"/", "/v2/", "/v2/model", "", "/V2"}) EXPECT_EQ(api_of("GET", path), "none") << path;
    EXPECT_EQ(api_of("PUT", "/v2"), "none");
    EXPECT_EQ(api_of("get", "/v2"), "none") << "methods are in capitals";
}

TEST(ServeRouter, BracesStandForOnePart) {
    Router router;
    router.add({.method = "GET", .path = "/v2/models/{}", .api = "metadata", .handle = {}});
    router.add({.method = "GET", .path = "/v2/models/all", .api = "all", .handle = {}});
    router.add({.method = "POST", .path = "/v2/models/{}/versions/{}/infer", .api = "infer", .handle = {}});
    const auto found = [&](const char* method, const char* path) {
        const Route* route = router.find(method, path);
        return route == nullptr ? std::string("none") : route->api;
    };
    EXPECT_EQ(found("GET", "/v2/models/a"), "metadata");
    EXPECT_EQ(found("GET", "/v2/models/a/"), "metadata");
    EXPECT_EQ(found("GET", "/v2/models/all"), "all");
    EXPECT_EQ(found("POST", "/v2/models/a/versions/1/infer"), "infer");
    EXPECT_EQ(router.methods_of("/v2/models/a/versions/1/infer"), "POST");
    for (const char* path : {"/v2/models", "/v2/models/", "/v2/models//", "/v2/models/a/b", "/v2/models/a//", ""})
        EXPECT_EQ(found("GET", path), "none") << path;
}

TEST(ServeRouter, MethodsOfAPathAreListed) {
    const Router router = small_router();
    EXPECT_EQ(router.methods_of("/v2"), "GET, HEAD");
    EXPECT_EQ(router.methods_of("/v2/models/x"), "GET, HEAD, POST");
    EXPECT_EQ(router.methods_of("/x"), "");
}

}  // namespace
}  // namespace yolovino::serve
