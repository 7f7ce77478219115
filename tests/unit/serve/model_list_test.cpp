#include "serve/model_list.hpp"

#include <gtest/gtest.h>

#include "yolovino/error.hpp"

namespace yolovino::serve {
namespace {

TEST(ServeModelList, NamesAreGivenOrThoseOfTheFiles) {
    const auto models =
        parse_model_list("a/yolov8n.pt, x=b.onnx,c/yolov8s_int8_openvino_model/,d=e=f.pt,g/h=i.pt,ä.pt");
    ASSERT_EQ(models.size(), 6U);
    EXPECT_EQ(models[0].name, "yolov8n");
    EXPECT_EQ(models[0].file, "a/yolov8n.pt");
    EXPECT_EQ(models[1].name, "x");
    EXPECT_EQ(models[1].file, "b.onnx");
    EXPECT_EQ(models[2].name, "yolov8s_int8");
    EXPECT_EQ(models[3].name, "d");
    EXPECT_EQ(models[3].file, "e=f.pt");
    EXPECT_EQ(models[4].name, "h_i") << "a folder is no name";
    EXPECT_EQ(models[5].name, "__");
}

TEST(ServeModelList, WrongNamesAndDuplicatesAreRefused) {
    for (const char* text : {"", ",", "a.pt,b/a.pt", "a=x.pt,a=y.pt", "a=", ".hidden"})
        EXPECT_THROW(static_cast<void>(parse_model_list(text)), Error) << text;
    for (const char* name : {"", ".", "..", ".a", "a/b", "a b", "a%", "ä"}) EXPECT_FALSE(is_model_name(name)) << name;
    EXPECT_TRUE(is_model_name("yolov8n-seg.v2_x"));
    EXPECT_FALSE(is_model_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace yolovino::serve
