#include <cmath>

#include "support/forge_checkpoint.hpp"

namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;
using checkpoint::Opaque;
using checkpoint::Value;

class ValueTest : public CheckpointTest {
protected:
    /// The value as the reader hands it out.
    Value read(const std::string& value) {
        return *open_pickle(named({{"model", detection_model()}, {"value", value}})).metadata("value");
    }
    static std::string bytes(const std::string& latin1_as_utf8) {
        return reduce(global("_codecs", "encode"), {text(latin1_as_utf8), text("latin1")});
    }
};

TEST_F(ValueTest, ScalarsKeepTheirTypes) {
    EXPECT_EQ(read(integer(-7)).as_int(), -7);
    EXPECT_EQ(read(boolean(true)).as_bool(), true);
    EXPECT_FALSE(read(boolean(true)).as_int().has_value());
    EXPECT_EQ(read(real(0.937)).as_number(), 0.937);
    EXPECT_FALSE(read(real(1)).as_int().has_value());
    EXPECT_TRUE(read(none()).is_none());
    EXPECT_EQ(*read(text("naïve")).as_string(), "naïve");
    EXPECT_EQ(read(long1("\xff")).as_int(), -1);
    EXPECT_EQ(read(long1("")).as_int(), 0);
    EXPECT_EQ(read(long1(std::string(8, '\xff'))).as_int(), -1);
    EXPECT_TRUE(std::holds_alternative<Opaque>(read(long1(std::string(9, '\x01'))).data));
}

TEST_F(ValueTest, TextIsAsPythonPrintsIt) {
    EXPECT_EQ(read(tuple({integer(1)})).to_text(), "(1,)");
    EXPECT_EQ(read(list({real(3), real(1e-5), none(), boolean(false)})).to_text(), "[3.0, 1e-05, None, False]");
    EXPECT_EQ(read(dict({{integer(0), text("it's")}, {integer(1), text("say \"hi\"")}})).to_text(),
              R"({0: "it's", 1: 'say "hi"'})");
    EXPECT_EQ(read(list({text("a\nb\x1b")})).to_text(), R"(['a\nb\x1b'])");
    EXPECT_EQ(read(text("plain")).to_text(), "plain");
}

TEST_F(ValueTest, LastOfEqualKeysWins) {
    EXPECT_EQ(read(named({{"a", integer(1)}, {"b", integer(2)}, {"a", integer(3)}})).to_text(), "{'a': 3, 'b': 2}");
}

TEST_F(ValueTest, CollectionsAreUnwrapped) {
    EXPECT_EQ(read(reduce(global("__builtin__", "set"), {list({integer(1), integer(2)})})).to_text(), "[1, 2]");
    EXPECT_EQ(read(reduce(global("builtins", "set"), {list({})})).to_text(), "[]");
    EXPECT_EQ(read(reduce(global("torch", "Size"), {tuple({integer(8), integer(256)})})).to_text(), "(8, 256)");
    EXPECT_EQ(read(ordered_dict({{"z", integer(1)}, {"a", integer(2)}})).to_text(), "{'z': 1, 'a': 2}");
}

TEST_F(ValueTest, NamespacesBecomeDicts) {
    for (const auto& [module, name] : Pairs{{"ultralytics.utils", "IterableSimpleNamespace"},
                                            {"ultralytics.yolo.utils", "IterableSimpleNamespace"},
                                            {"types", "SimpleNamespace"}}) {
        const Value value = read(build(reduce(global(module, name), {}), named({{"imgsz", integer(640)}})));
        ASSERT_NE(value.find("imgsz"), nullptr);
        EXPECT_EQ(value.find("imgsz")->as_int(), 640);
    }
}

TEST_F(ValueTest, LibraryObjectsAreUnwrapped) {
    EXPECT_EQ(read(reduce(global("pathlib", "PosixPath"), {text("/"), text("data"), text("coco.yaml")})).to_text(),
              "/data/coco.yaml");
    EXPECT_EQ(read(reduce(global("pathlib._local", "WindowsPath"), {text("C:\\"), text("a"), text("b")})).to_text(),
              "C:\\a\\b");
    EXPECT_EQ(read(reduce(global("torch", "device"), {text("cuda"), integer(0)})).to_text(), "cuda:0");
    EXPECT_EQ(read(bytes("\xc3\xbf\x41")).to_text(), R"(b'\xffA')");
    EXPECT_EQ(read(reduce(global("datetime", "datetime"),
                          {bytes("\x07\xc3\xa6\x0c\x1f\x01\x02\x03"s + std::string(3, '\0'))}))
                  .to_text(),
              "2022-12-31T01:02:03");
}

TEST_F(ValueTest, NumpyScalarsBecomeNumbers) {
    const auto scalar = [](const std::string& type, const std::string& order, const std::string& data) {
        const std::string dtype = build(reduce(global("numpy", "dtype"), {text(type), boolean(false), boolean(true)}),
                                        tuple({integer(3), text(order), none()}));
        return reduce(global("numpy.core.multiarray", "scalar"), {dtype, bytes(data)});
    };
    EXPECT_EQ(read(scalar("f8", "<", std::string(6, '\0') + "\xc3\xa0\x3f")).as_number(), 0.5);
    EXPECT_EQ(read(scalar("f8", ">", "\x3f\xc3\xa0" + std::string(6, '\0'))).as_number(), 0.5);
    EXPECT_EQ(read(scalar("i8", "<", "\x05" + std::string(7, '\0'))).as_int(), 5);
    EXPECT_TRUE(std::holds_alternative<Opaque>(read(scalar("f8", "<", "abc")).data));
}

TEST_F(ValueTest, UnknownObjectsAreNamedAndNotLookedInto) {
    const Value value =
        read(build(new_object(global("ultralytics.utils.loss", "v8DetectionLoss")), named({{"x", integer(1)}})));
    EXPECT_EQ(std::get<Opaque>(value.data).class_path, "ultralytics.utils.loss.v8DetectionLoss");
}

TEST_F(ValueTest, BoundMethodOfAFusedModelIsOpaque) {
    // Conv.forward = self.forward_fuse: an object whose state refers to the object itself.
    const std::string method = reduce(global("__builtin__", "getattr"), {get(0), text("forward_fuse")});
    const std::string state =
        named({{"_modules", named({})}, {"_parameters", named({})}, {"_buffers", named({})}, {"forward", method}});
    const std::string conv = build(new_object(global("ultralytics.nn.modules.conv", "Conv")) + put(0), state);
    const auto file = open_pickle(named({{"model", detection_model({.children = {{"model", conv}}})}}));
    EXPECT_EQ(std::get<Opaque>(file.model().child("model")->attribute("forward")->data).class_path,
              "__builtin__.getattr");
}

}  // namespace
}  // namespace yolovino::test::forge
