#include "serve/http/access_log.hpp"

#include <chrono>
#include <gtest/gtest.h>

namespace yolovino::serve {
namespace {

const auto kTime = std::chrono::system_clock::from_time_t(1'700'000'000) + std::chrono::milliseconds(7);

TEST(ServeAccessLog, ALineIsJsonAndEscapesWhatClientsSend) {
    const Served served{.method = "POST",
                        .path = "/predict\"\n\xff",
                        .peer = "127.0.0.1",
                        .trace = "0af7651916cd43dd8448eb211c80319c",
                        .model = "m",
                        .status = 200,
                        .body_bytes = 12,
                        .seconds = 0.0123456};
    EXPECT_EQ(access_line(served, kTime),
              R"({"time":"2023-11-14T22:13:20.007Z","peer":"127.0.0.1","method":"POST","path":"/predict\"\n)"
              "\xef\xbf\xbd"
              R"(","status":200,"bytes":12,"ms":12.35,"model":"m","trace_id":"0af7651916cd43dd8448eb211c80319c"})"
              "\n");
}

TEST(ServeAccessLog, EveryLineIsWrittenBeforeTheEnd) {
    std::string all;
    {
        AccessLog log([&](std::string_view line) { all += line; });
        for (char c = 'a'; c <= 'e'; ++c) log.add(std::string(1, c) + "\n");
    }
    EXPECT_EQ(all, "a\nb\nc\nd\ne\n");
}

}  // namespace
}  // namespace yolovino::serve
