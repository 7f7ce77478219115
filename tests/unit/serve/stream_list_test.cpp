#include "serve/streams/stream_list.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

namespace yolovino::serve {
namespace {

TEST(ServeStreamList, NamesAndSourcesAreSplitAtCommasThatANameFollows) {
    EXPECT_TRUE(parse_stream_list("").empty());
    const auto streams = parse_stream_list("door=rtsp://host/a?b=1,2, yard = 0,x.y-z_1=/data/a,b.mp4");
    ASSERT_EQ(streams.size(), 3U);
    EXPECT_EQ(streams[0].name, "door");
    EXPECT_EQ(streams[0].source, "rtsp://host/a?b=1,2");
    EXPECT_EQ(streams[1].name, "yard");
    EXPECT_EQ(streams[1].source, "0");
    EXPECT_EQ(streams[2].name, "x.y-z_1");
    EXPECT_EQ(streams[2].source, "/data/a,b.mp4");
}

TEST(ServeStreamList, WrongListsAreRefusedWithAReason) {
    for (const char* text : {"rtsp://host/a", "=0", "a/b=0", "a=", "a=0,b=", "a=0,a=1", ".a=0", ","}) {
        try {
            static_cast<void>(parse_stream_list(text));
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::InvalidArgument) << text;
            EXPECT_NE(std::string(error.what()).find("live: "), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace yolovino::serve
