#include "serve/predict/request_options.hpp"

#include <gtest/gtest.h>

#include "options/argument.hpp"

namespace yolovino::serve {
namespace {

TEST(ServeRequestOptions, OptionsAreReadAsTheCommandReadsThem) {
    PredictArgs defaults;
    defaults.conf = 0.4;
    const PredictArgs args = apply_request_options({{"iou", "0.5"},
                                                    {"iou", "0.6"},
                                                    {"imgsz", "320,640"},
                                                    {"classes", "[0, 2]"},
                                                    {"max_det", "7"},
                                                    {"augment", ""}},
                                                   defaults);
    EXPECT_EQ(args.conf, 0.4) << "the server's default";
    EXPECT_EQ(args.iou, 0.6) << "the last one";
    EXPECT_EQ(args.imgsz, (ImageSize{320, 640}));
    EXPECT_EQ(args.classes, (std::vector<int>{0, 2}));
    EXPECT_EQ(args.max_det, 7);
    EXPECT_TRUE(args.augment);
}

TEST(ServeRequestOptions, WrongValuesAndOtherOptionsAreRefusedInOneLine) {
    const std::pair<std::string, std::string> rows[] = {
        {"conf", "2"},        {"conf", "x"},    {"conf", ""},      {"imgsz", "0"},
        {"imgsz", "1921"},    {"imgsz", "a"},   {"max_det", "0"},  {"classes", "-1"},
        {"device", "GPU"},    {"save", "True"}, {"threads", "64"}, {"project", "/etc"},
        {"ov.config", "A=B"}, {"confi", "0.5"}, {"", "1"},         {"conf\n", "1"}};
    for (const auto& row : rows) {
        try {
            static_cast<void>(apply_request_options({row}, {}));
            ADD_FAILURE() << row.first << "=" << row.second << " was taken";
        } catch (const options::UsageError& error) {
            EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
            EXPECT_FALSE(std::string(error.what()).empty());
        }
    }
}

TEST(ServeRequestOptions, AServerWithALargeInputLetsRequestsAskForIt) {
    PredictArgs defaults;
    defaults.imgsz = ImageSize{2560, 2560};
    EXPECT_EQ(apply_request_options({{"imgsz", "2500"}}, defaults).imgsz, (ImageSize{2500, 2500}));
    EXPECT_THROW(static_cast<void>(apply_request_options({{"imgsz", "2561"}}, defaults)), options::UsageError);
}

}  // namespace
}  // namespace yolovino::serve
