#include "serve/predict/answer.hpp"

#include <gtest/gtest.h>
#include <memory>

namespace yolovino::serve {
namespace {

Results two_boxes() {
    Results results;
    results.path = "a,\"b\".jpg";
    results.orig_shape = {100, 200};
    results.names = std::make_shared<const ClassNames>(ClassNames{"cat", "dog, large"});
    results.boxes = {{1, 2, 3, 4, 0.5F, 0}, {5, 6, 7, 8, 0.25F, 1}};
    return results;
}

TEST(ServeAnswer, AcceptChoosesTheForm) {
    EXPECT_EQ(form_of(""), AnswerForm::Json);
    EXPECT_EQ(form_of("*/*"), AnswerForm::Json);
    EXPECT_EQ(form_of("text/html, application/json;q=0.9"), AnswerForm::Json);
    EXPECT_EQ(form_of("Image/JPEG"), AnswerForm::Jpeg);
    EXPECT_EQ(form_of("text/csv; header=present"), AnswerForm::Csv);
    EXPECT_EQ(form_of("image/jpeg;q=0.5, text/csv;q=0.8, */*;q=0.1"), AnswerForm::Csv);
    EXPECT_EQ(form_of("image/avif,image/webp,image/*,*/*;q=0.8"), AnswerForm::Jpeg) << "an <img>";
    EXPECT_EQ(form_of("text/html"), std::nullopt);
    EXPECT_EQ(form_of("image/jpeg;q=0"), std::nullopt);
}

TEST(ServeAnswer, JsonIsTheLineOfTheLibrary) {
    const Results results = two_boxes();
    EXPECT_EQ(json_answer({results}, true), results.to_json() + "\n");
    EXPECT_EQ(json_answer({results, results}, false), "[" + results.to_json() + ",\n" + results.to_json() + "]\n");
    EXPECT_EQ(json_answer({results}, false), "[" + results.to_json() + "]\n");
}

TEST(ServeAnswer, CsvHasALineForEachObjectAndQuotesText) {
    EXPECT_EQ(csv_answer({two_boxes()}),
              "path,name,class,confidence,x1,y1,x2,y2\r\n"
              "\"a,\"\"b\"\".jpg\",cat,0,0.5,1.0,2.0,3.0,4.0\r\n"
              "\"a,\"\"b\"\".jpg\",\"dog, large\",1,0.25,5.0,6.0,7.0,8.0\r\n");
    Results nothing = two_boxes();
    nothing.boxes.clear();
    EXPECT_EQ(csv_answer({nothing}), "path,name,class,confidence\r\n");
}

}  // namespace
}  // namespace yolovino::serve
