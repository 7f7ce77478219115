#include "checkpoint/numpy_value.hpp"
#include "support/forge_checkpoint.hpp"

/// What a network and plain values are wrapped in.
namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;
using checkpoint::Value;

class Wrappers : public CheckpointTest {
protected:
    static std::string network() { return detection_model({.attributes = {{"nc", integer(4)}}}); }
    static std::string within(const std::string& package, const std::string& name, const std::string& part,
                              const std::string& value) {
        return module(package, name, {.children = {{part, value}}});
    }
    void expect_network(const std::string& saved) {
        const auto file = open_pickle(saved);
        EXPECT_EQ(file.model().class_name, "DetectionModel");
        ASSERT_NE(file.model().attribute("nc"), nullptr);
        EXPECT_EQ(file.model().path, "");
    }
};

TEST_F(Wrappers, OfTheNetworkAreTakenOff) {
    const std::string parallel = within("torch.nn.parallel.data_parallel", "DataParallel", "module", network());
    const std::string distributed =
        within("torch.nn.parallel.distributed", "DistributedDataParallel", "module", network());
    const std::string compiled = within("torch._dynamo.eval_frame", "OptimizedModule", "_orig_mod", network());
    const std::string yolo = within("ultralytics.models.yolo.model", "YOLO", "model", network());
    const std::string old_yolo =
        build(new_object(global("ultralytics.yolo.engine.model", "YOLO")), named({{"model", network()}}));
    const std::string both = within("ultralytics.models.yolo.model", "YOLO", "model", parallel);
    for (const std::string& saved : {network(), parallel, distributed, compiled, yolo, old_yolo, both}) {
        expect_network(saved);
        expect_network(named({{"model", saved}}));
        expect_network(named({{"ema", saved}, {"model", none()}}));
        expect_network(named({{"model", integer(3)}, {"ema", saved}}));
    }
}

TEST_F(Wrappers, AroundNothingAreRefused) {
    const std::string path =
        build(new_object(global("ultralytics.models.yolo.model", "YOLO")), named({{"model", text("x.onnx")}}));
    expect_pickle_refused(path, ErrorCode::UnsupportedFile, "file holds ultralytics.models.yolo.model.YOLO");
    expect_pickle_refused(named({{"model", path}}), ErrorCode::UnsupportedFile, "not a network");
    // A wrapper within itself ends.
    const std::string self = build(new_object(global("ultralytics.x", "Y")) + put(0), named({{"model", get(0)}}));
    expect_pickle_refused(self, ErrorCode::UnsupportedFile, "not a checkpoint");
    std::string deep = network();
    for (int i = 0; i < 20; ++i) deep = within("torch.nn.parallel.data_parallel", "DataParallel", "module", deep);
    EXPECT_EQ(open_pickle(deep).model().class_name, "DataParallel") << "nobody wraps so often";
}

class NumpyValues : public CheckpointTest {
protected:
    Value read(const std::string& value) {
        const std::string all = named({{"model", detection_model()}, {"value", value}});
        return *open_bytes(archive(pickle_of_protocol(5, all)).bytes()).metadata("value");
    }
    static std::string dtype(const std::string& code, const std::string& order = "<") {
        return build(reduce(global("numpy", "dtype"), {text(code), boolean(false), boolean(true)}),
                     tuple({integer(3), text(order), none(), none(), none(), integer(-1), integer(-1), integer(0)}));
    }
    static std::string scalar(const std::string& type, const std::string& data) {
        return reduce(global("numpy._core.multiarray", "scalar"), {type, short_bytes(data)});
    }
    /// As protocols before 5 write arrays.
    static std::string array(const std::string& type, const std::vector<int>& shape, const std::string& data) {
        return build(reduce(global("numpy.core.multiarray", "_reconstruct"),
                            {global("numpy", "ndarray"), counts({0}), short_bytes("b")}),
                     tuple({integer(1), counts(shape), type, boolean(false), data}));
    }
    static std::string ucs4(const std::u32string& text, bool big_endian = false) {
        std::string out;
        for (const char32_t c : text) {
            std::string bytes = little(static_cast<std::uint32_t>(c));
            if (big_endian) std::ranges::reverse(bytes);
            out += bytes;
        }
        return out;
    }
};

TEST_F(NumpyValues, ScalarsAreUnwrapped) {
    EXPECT_EQ(*read(scalar(dtype("U5"), ucs4(U"dög\0\0"s))).as_string(), "dög");
    EXPECT_EQ(*read(scalar(dtype("U2", ">"), ucs4(U"猫🐈", true))).as_string(), "猫🐈");
    EXPECT_EQ(*read(scalar(dtype("U0"), "")).as_string(), "");
    EXPECT_EQ(*read(scalar(dtype("U3"), ucs4(U"a\0b"s))).as_string(), "a\0b"s);
    EXPECT_EQ(read(scalar(dtype("S4"), "ab\0\0"s)).to_text(), "b'ab'");
    EXPECT_EQ(read(scalar(dtype("i8"), little(std::int64_t{-3}))).as_int(), -3);
    EXPECT_EQ(read(scalar(dtype("u8"), little(std::uint64_t{3}))).as_int(), 3);
    EXPECT_EQ(read(scalar(dtype("u8"), little(~std::uint64_t{0}))).to_text(), "<int>");
    EXPECT_EQ(read(scalar(dtype("f4"), little(0.5F))).as_number(), 0.5);
    EXPECT_EQ(read(scalar(dtype("f2"), little(std::uint16_t{0x3C00}))).as_number(), 1.0);
    EXPECT_EQ(read(scalar(dtype("b1"), "\1")).as_bool(), true);
    EXPECT_EQ(read(scalar(reduce(global("numpy.dtypes", "Int64DType"), {}), little(std::int64_t{9}))).as_int(), 9);
    EXPECT_EQ(*read(reduce(global("numpy._core.multiarray", "scalar"), {dtype("O8"), text("cat")})).as_string(), "cat");
}

TEST_F(NumpyValues, ArraysOfOneDimensionAreLists) {
    EXPECT_EQ(read(array(dtype("U3"), {2}, short_bytes(ucs4(U"catdog")))).to_text(), "['cat', 'dog']");
    EXPECT_EQ(read(array(dtype("O8"), {2}, list({text("cat"), integer(1)}))).to_text(), "['cat', 1]");
    EXPECT_EQ(read(array(dtype("i4"), {2}, short_bytes(little(1) + little(-2)))).to_text(), "[1, -2]");
    EXPECT_EQ(read(array(dtype("i4"), {}, short_bytes(little(7)))).to_text(), "7");
    EXPECT_EQ(read(array(dtype("f8"), {0}, short_bytes(""))).to_text(), "[]");
    EXPECT_EQ(read(reduce(global("numpy._core.numeric", "_frombuffer"),
                          {byte_array(ucs4(U"ab")), dtype("U1"), counts({2}), text("C")}))
                  .to_text(),
              "['a', 'b']");
}

TEST_F(NumpyValues, WhatIsNotPlainStaysOpaque) {
    for (const std::string& value :
         {array(dtype("i4"), {1, 2}, short_bytes(little(1) + little(2))),
          array(dtype("i4"), {3}, short_bytes(little(1))), array(dtype("i4"), {1}, short_bytes("abc")),
          array(dtype("M8"), {1}, short_bytes(little(std::int64_t{0}))),
          array(dtype("O8"), {1}, short_bytes("12345678")), array(dtype("S0"), {1}, short_bytes("")),
          scalar(dtype("U1"), "abc"), scalar(dtype("U1"), "\xff\xff\xff\x7f"), scalar(dtype("U1"), ucs4(U"\xD800")),
          scalar(dtype("U99999999999999"), "a"), scalar(dtype("f16"), std::string(16, '\1')),
          scalar(dtype("V4"), "1234"), scalar(none(), "a"), scalar(dtype("U"), "a"),
          reduce(global("numpy._core.multiarray", "scalar"), {dtype("i4")})})
        EXPECT_NE(read(value).unreadable(), nullptr) << read(value).to_text();
}

}  // namespace
}  // namespace yolovino::test::forge
