#include <cmath>
#include <limits>

#include "engine/model/checkpoint_info.hpp"
#include "nets/network.hpp"
#include "support/forge_checkpoint.hpp"
#include "support/forge_network.hpp"

/// One test for each rule about the network in sections 9 and 10 of the description of the format: what the modules
/// say must fit their tensors and each other.
namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;

class NetworkRules : public CheckpointTest {
protected:
    /// Builds and describes it, as commands do.
    void read(TinyNetwork network, const nets::InputShape& shape = {1, 64, 64}) {
        const checkpoint::Checkpoint file = open_bytes(network.bytes());
        nets::build_network(file, shape);
        engine::describe_checkpoint(file);
    }
    void expect_refused(const TinyNetwork& network, const std::string& words,
                        std::optional<ErrorCode> code = std::nullopt, const nets::InputShape& shape = {1, 64, 64}) {
        try {
            read(network, shape);
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
            EXPECT_EQ(error.code(), code.value_or(error.code())) << error.what();
            return;
        }
        ADD_FAILURE() << "accepted; wanted: " << words;
    }
    /// The same where the weights are not looked at.
    void expect_shapes_refused(TinyNetwork network, const std::string& words) {
        const checkpoint::Checkpoint file = open_bytes(network.bytes());
        try {
            nets::build_shapes(file, {1, 64, 64});
            ADD_FAILURE() << "accepted; wanted: " << words;
        } catch (const Error& error) {
            EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
        }
    }
    ClassNames names_of(TinyNetwork network) { return engine::describe_checkpoint(open_bytes(network.bytes())).names; }
    TinyNetwork with_conv(const std::string& name, const std::optional<std::string>& value) {
        TinyNetwork network;
        set(network.conv, name, value);
        return network;
    }
    TinyNetwork with_head(const std::string& name, const std::optional<std::string>& value) {
        TinyNetwork network;
        set(network.head, name, value);
        return network;
    }
};

TEST_F(NetworkRules, TheUnchangedNetworkIsAccepted) {
    const checkpoint::Checkpoint file = open_bytes(TinyNetwork{}.bytes());
    const auto graph = nets::build_network(file, {1, 64, 64}).graph;
    EXPECT_EQ(graph.nodes().back().outputs.front(), (graph::Shape{1, 6, 64}));
    EXPECT_EQ(engine::describe_checkpoint(file).names, (ClassNames{"cat", "dog"}));
}

// Rule: the weight of a convolution is [out, in / groups, height, width] of what it says of itself.
TEST_F(NetworkRules, WeightsHaveTheShapeThatTheirConvolutionSays) {
    for (const auto& [name, value] : Pairs{{"in_channels", integer(4)},
                                           {"out_channels", integer(8)},
                                           {"kernel_size", counts({3, 1})},
                                           {"kernel_size", integer(1)}}) {
        expect_refused(with_conv(name, value), "the weight has shape [4, 3, 3, 3]", ErrorCode::CorruptFile);
        expect_shapes_refused(with_conv(name, value), "the weight has shape [4, 3, 3, 3]");
    }
    for (const std::vector<int>& shape :
         {std::vector<int>{4, 3, 3}, {108}, {4, 3, 3, 3, 1}, {0, 3, 3, 3}, {4, 0, 3, 3}, {2, 3, 3, 3}}) {
        TinyNetwork network;
        network.weight_shape = shape;
        expect_refused(network, "the weight has shape", ErrorCode::CorruptFile);
    }
    // Older files may lack what the weight shows.
    for (const char* name : {"in_channels", "out_channels", "kernel_size", "padding_mode"})
        EXPECT_NO_THROW(read(with_conv(name, std::nullopt))) << name;
}

// Rule: the input has as many channels as the weight takes, in all groups together.
TEST_F(NetworkRules, WeightsTakeTheChannelsOfTheirInput) {
    TinyNetwork network = with_conv("in_channels", integer(2));
    network.weight_shape = {4, 2, 3, 3};
    expect_refused(network, "got 3 input channels", ErrorCode::ShapeMismatch);
    network = with_conv("groups", integer(2));
    set(network.conv, "in_channels", integer(6));
    expect_refused(network, "got 3 input channels", ErrorCode::ShapeMismatch);
    network = {};
    network.head_channels = 8;
    expect_refused(network, "got 4 input channels", ErrorCode::ShapeMismatch);
}

// Rule: groups are a positive divisor of the output's channels; the product with the weight's side cannot wrap.
TEST_F(NetworkRules, GroupsDivideTheChannels) {
    for (const std::int64_t groups :
         {std::int64_t{0}, std::int64_t{-1}, std::int64_t{3}, std::int64_t{8}, std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::min()})
        expect_refused(with_conv("groups", long1(little(groups))), "groups", ErrorCode::CorruptFile);
    TinyNetwork depthwise;
    depthwise.weight_shape = {3, 1, 3, 3};
    for (const auto& [name, value] : Pairs{{"groups", integer(3)}, {"out_channels", integer(3)}})
        set(depthwise.conv, name, value);
    depthwise.gamma = depthwise.beta = depthwise.mean = depthwise.variance = {1, 1, 1};
    depthwise.head_channels = 3;
    EXPECT_NO_THROW(read(depthwise));
}

// Rule: stride, padding, and dilation are counts, positive where they must be, and none is so large that sizes wrap.
TEST_F(NetworkRules, WindowsAreCounts) {
    const auto wide = [](std::int64_t value) { return long1(little(value)); };
    for (const char* name : {"stride", "dilation"}) {
        for (const std::int64_t value :
             {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40, std::numeric_limits<std::int64_t>::max()})
            expect_refused(with_conv(name, wide(value)), name, ErrorCode::ShapeMismatch);
    }
    for (const std::int64_t value : {std::int64_t{-1}, std::int64_t{1} << 62, std::numeric_limits<std::int64_t>::min()})
        expect_refused(with_conv("padding", wide(value)), "padding", ErrorCode::ShapeMismatch);
    expect_refused(with_conv("dilation", integer(1000)), "does not fit", ErrorCode::ShapeMismatch);
    for (const std::string& value : {none(), boolean(true), real(1), text("same"), counts({1, 1, 1}), counts({}),
                                     tuple({integer(1), boolean(true)}), tuple({real(1), real(1)}), dict({})}) {
        for (const char* name : {"stride", "padding", "dilation"})
            expect_refused(with_conv(name, value), "'"s + name + "'", ErrorCode::CorruptFile);
    }
    for (const char* name : {"stride", "padding", "dilation", "groups"})
        expect_refused(with_conv(name, std::nullopt), "'"s + name + "'", ErrorCode::CorruptFile);
    for (const std::string& value : {none(), boolean(true), real(1), counts({1, 1})})
        expect_refused(with_conv("groups", value), "'groups'", ErrorCode::CorruptFile);
    for (const std::string& value : {text("reflect"), none(), integer(0)})
        expect_refused(with_conv("padding_mode", value), "padding_mode");
}

// Rule: a convolution has a weight; its bias may be absent and else has a value for each output channel.
TEST_F(NetworkRules, BiasesHaveAValueForEachChannel) {
    for (const std::size_t count : {0U, 1U, 3U, 5U}) {
        TinyNetwork network;
        network.bias = std::vector<float>(count, 1.0F);
        expect_refused(network, "the bias has " + std::to_string(count) + " values", ErrorCode::CorruptFile);
        expect_shapes_refused(network, "the bias has " + std::to_string(count) + " values");
    }
    TinyNetwork network;
    network.bias = std::vector<float>(4, 1.0F);
    EXPECT_NO_THROW(read(network));
}

// Rule: the four vectors of a batch norm are there and have a value for each output channel.
TEST_F(NetworkRules, BatchNormsHaveAValueForEachChannel) {
    for (const std::size_t count : {0U, 1U, 3U, 5U, 4000U}) {
        const std::vector<float> values(count, 1.0F);
        for (auto member : {&TinyNetwork::beta, &TinyNetwork::mean, &TinyNetwork::variance}) {
            TinyNetwork network;
            network.*member = values;
            expect_refused(network, "does not have 4 values");
            expect_shapes_refused(network, "does not have 4 values");
        }
        TinyNetwork network;
        network.gamma = values;
        expect_refused(network, "does not have 4 values");
    }
    TinyNetwork plain;
    plain.gamma.reset();
    expect_refused(plain, "does not have 4 values");
}

// Rule: running_var is not negative, and nothing in a batch norm is infinite or no number.
TEST_F(NetworkRules, VariancesAreNotNegative) {
    for (const float value : {-1e-30F, -1.0F, -std::numeric_limits<float>::max()}) {
        TinyNetwork network;
        network.variance[2] = value;
        expect_refused(network, "running_var[2]");
    }
    for (const float value : {NAN, INFINITY, -INFINITY}) {
        for (auto member : {&TinyNetwork::beta, &TinyNetwork::mean, &TinyNetwork::variance}) {
            TinyNetwork network;
            (network.*member)[1] = value;
            expect_refused(network, "not finite", ErrorCode::CorruptFile);
        }
        TinyNetwork network;
        (*network.gamma)[3] = value;
        expect_refused(network, "not finite", ErrorCode::CorruptFile);
        network = {};
        network.weight_value = value;
        expect_refused(network, "not finite", ErrorCode::CorruptFile);
        network = {};
        network.bias = {0, 0, value, 0};
        expect_refused(network, "not finite", ErrorCode::CorruptFile);
    }
    TinyNetwork zero;
    zero.variance = {0, 0, -0.0F, 0};
    EXPECT_NO_THROW(read(zero));
}

// Rule: eps is positive, also as f32, so that a variance of 0 divides by nothing worse.
TEST_F(NetworkRules, BatchNormEpsMustBePositive) {
    for (const double value : {0.0, -1e-3, 1e-60}) {
        TinyNetwork network;
        network.eps = real(value);
        expect_refused(network, "eps");
        expect_shapes_refused(network, "eps");
    }
    for (const std::optional<std::string>& value :
         {std::optional(real(NAN)), std::optional(real(INFINITY)), std::optional(none()), std::optional(boolean(true)),
          std::optional(text("1e-3")), std::optional<std::string>()}) {
        TinyNetwork network;
        network.eps = value;
        expect_refused(network, "'eps'", ErrorCode::CorruptFile);
    }
}

// Rule: weights stay finite when the batch norm is folded into them.
TEST_F(NetworkRules, FoldedWeightsAreFinite) {
    TinyNetwork network;
    network.gamma = std::vector<float>(4, 3e38F);
    network.variance = {0, 0, 0, 0};
    expect_refused(network, "become infinite");
    network = {};
    network.beta[0] = 3e38F;
    network.mean[0] = -3e38F;
    expect_refused(network, "become infinite");
}

// Rule: nc == outputs of the class branch; names that are too few or too many are made to fit, as by Ultralytics.
TEST_F(NetworkRules, ClassCountsOfHeadAndNamesMustAgree) {
    expect_refused(with_head("nc", integer(3)), "no is 6", ErrorCode::CorruptFile);
    TinyNetwork network = with_head("nc", integer(3));
    set(network.head, "no", integer(7));
    expect_refused(network, "gives 2 channels, the head has 3 classes");
    network.class_channels = 3;
    EXPECT_EQ(names_of(network), (ClassNames{"cat", "dog", "class2"}));
    network.names = list({text("a"), text("b"), text("c")});
    EXPECT_EQ(names_of(network), (ClassNames{"a", "b", "c"}));
    network.names = list({text("a"), text("b"), text("c"), text("d")});
    EXPECT_EQ(names_of(network), (ClassNames{"a", "b", "c"}));
    for (const auto& absent : {std::optional<std::string>(), std::optional(none()), std::optional(list({}))}) {
        network.names = absent;
        EXPECT_EQ(names_of(network), (ClassNames{"class0", "class1", "class2"}));
    }
    for (const std::int64_t classes : {0, -1, 65'537})
        expect_refused(with_head("nc", long1(little(classes))), "nc is", ErrorCode::CorruptFile);
    for (const std::string& value : {none(), boolean(true), real(2), text("2")})
        expect_refused(with_head("nc", value), "'nc'", ErrorCode::CorruptFile);
}

// Rule: no == nc + 4 * reg_max, and the box branch gives 4 * reg_max channels, also where the dimensions are dynamic.
TEST_F(NetworkRules, OutputsOfTheHeadAgree) {
    for (const int outputs : {0, 5, 7, 70, -6})
        expect_refused(with_head("no", integer(outputs)), "no is", ErrorCode::CorruptFile);
    EXPECT_NO_THROW(read(with_head("no", std::nullopt)));
    for (const int channels : {2, 8, 64}) {
        TinyNetwork network;
        network.box_channels = channels;
        expect_refused(network, "the head has 4 x 1 bins");
        expect_refused(network, "the head has 4 x 1 bins", std::nullopt, nets::InputShape::dynamic());
    }
    for (const std::int64_t bins : {0, -1, 1025})
        expect_refused(with_head("reg_max", long1(little(bins))), "reg_max is", ErrorCode::CorruptFile);
    TinyNetwork network = with_head("reg_max", integer(16));
    set(network.head, "no", integer(66));
    network.box_channels = 64;
    expect_refused(network, "'dfl'", ErrorCode::CorruptFile);
}

// Rule: strides are positive powers of two, one for each feature map.
TEST_F(NetworkRules, StridesArePowersOfTwo) {
    for (const float stride : {0.0F, -8.0F, 7.0F, 8.5F, 0.5F, 8192.0F, 1e20F}) {
        TinyNetwork network;
        network.strides = {stride};
        expect_refused(network, "not a power of two", ErrorCode::CorruptFile);
    }
    for (const float stride : {NAN, INFINITY}) {
        TinyNetwork network;
        network.strides = {stride};
        expect_refused(network, "not finite", ErrorCode::CorruptFile);
    }
    for (const std::vector<float>& strides : {std::vector<float>{}, {8, 16}}) {
        TinyNetwork network;
        network.strides = strides;
        expect_refused(network, "strides for 1 feature maps");
    }
}

// Rule: an int is no float and the other way round where a layer has a number: the scale, the slope, the mode.
TEST_F(NetworkRules, LayerAttributesAreNumbers) {
    const auto upsampled = [&](const std::string& scale, const std::string& mode = text("nearest")) {
        TinyNetwork network;
        network.layers = {
            {"torch.nn.modules.upsampling.Upsample", {.attributes = {{"scale_factor", scale}, {"mode", mode}}}}};
        return network;
    };
    EXPECT_NO_THROW(read(upsampled(real(2))));
    EXPECT_NO_THROW(read(upsampled(integer(2))));
    for (const double scale : {0.0, -2.0, 0.5, 65.0, 1e300}) expect_refused(upsampled(real(scale)), "scale_factor");
    for (const std::string& scale : {none(), boolean(true), text("2"), real(NAN), real(INFINITY)})
        expect_refused(upsampled(scale), "'scale_factor'", ErrorCode::CorruptFile);
    for (const std::string& mode : {text("bilinear"), none(), integer(1)})
        expect_refused(upsampled(real(2), mode), "mode");
    for (const std::string& slope : {none(), boolean(true), text("x"), real(NAN), real(-INFINITY)}) {
        TinyNetwork network;
        network.activation =
            module("torch.nn.modules.activation", "LeakyReLU", {.attributes = {{"negative_slope", slope}}});
        expect_refused(network, "'negative_slope'", ErrorCode::CorruptFile);
    }
}

// Rule: sizes of feature maps are computed with bounds: a tower of enlargements does not wrap.
TEST_F(NetworkRules, FeatureMapsAreBounded) {
    TinyNetwork network;
    for (int i = 0; i < 20; ++i) {
        network.layers.push_back({"torch.nn.modules.upsampling.Upsample",
                                  {.attributes = {{"scale_factor", integer(64)}, {"mode", text("nearest")}}}});
    }
    expect_refused(network, "gives a dimension of", ErrorCode::ShapeMismatch);
}

// Rule: transposed convolutions keep the same rules, with [in, out, height, width].
TEST_F(NetworkRules, TransposedConvolutionsKeepTheRules) {
    const auto with = [&](const std::string& name, const std::string& value) {
        TinyNetwork network;
        Pairs attributes{{"in_channels", integer(4)},  {"out_channels", integer(2)}, {"kernel_size", counts({2, 2})},
                         {"stride", counts({2, 2})},   {"padding", counts({0, 0})},  {"output_padding", counts({0, 0})},
                         {"dilation", counts({1, 1})}, {"groups", integer(1)}};
        if (!name.empty()) set(attributes, name, value);
        network.layers = {{"torch.nn.modules.conv.ConvTranspose2d", {.attributes = attributes}}};
        return network;
    };
    const auto read_with_weight = [&](TinyNetwork network, const std::vector<int>& shape) {
        // The weight views the block's own: 4 * 3 * 3 * 3 values are enough.
        std::vector<int> steps(shape.size(), 1);
        for (std::size_t i = shape.size(); i-- > 1;) steps[i - 1] = steps[i] * shape[i];
        network.layers[0].second.parameters = {{"weight", tensor(storage("0", "FloatStorage", 108), shape, steps)},
                                               {"bias", none()}};
        network.head_channels = 2;
        return network;
    };
    EXPECT_NO_THROW(read(read_with_weight(with("", ""), {4, 2, 2, 2})));
    expect_refused(read_with_weight(with("", ""), {2, 4, 2, 2}), "the weight has shape [2, 4, 2, 2]",
                   ErrorCode::CorruptFile);
    expect_refused(read_with_weight(with("out_channels", integer(3)), {4, 2, 2, 2}), "the weight has shape",
                   ErrorCode::CorruptFile);
    for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-2}, std::int64_t{1} << 61})
        expect_refused(read_with_weight(with("stride", long1(little(value))), {4, 2, 2, 2}), "stride",
                       ErrorCode::ShapeMismatch);
    for (const std::int64_t value : {std::int64_t{-1}, std::int64_t{1} << 62})
        expect_refused(read_with_weight(with("padding", long1(little(value))), {4, 2, 2, 2}), "padding",
                       ErrorCode::ShapeMismatch);
    expect_refused(read_with_weight(with("padding", integer(9)), {4, 2, 2, 2}), "gives a dimension of",
                   ErrorCode::ShapeMismatch);
    for (const int value : {-1, 2, 100})
        expect_refused(read_with_weight(with("output_padding", integer(value)), {4, 2, 2, 2}), "output padding",
                       ErrorCode::ShapeMismatch);
    expect_refused(read_with_weight(with("groups", integer(2)), {4, 2, 2, 2}), "groups");
    expect_refused(read_with_weight(with("dilation", integer(2)), {4, 2, 2, 2}), "dilation");
}

// Rule: labels have at most 256 bytes, and no more than 65,536 are read.
TEST_F(NetworkRules, ClassNamesAreShortAndInOrder) {
    const auto named_by = [](const std::string& names) {
        TinyNetwork network;
        network.names = names;
        return network;
    };
    const std::string long_name(256, 'x');
    EXPECT_NO_THROW(read(named_by(list({text("cat"), text(long_name)}))));
    for (const std::string& names : {list({text("cat"), text(long_name + "y")}),
                                     dict({{integer(0), text("cat")}, {integer(1), text(long_name + "y")}}),
                                     list({text("cat"), list(std::vector<std::string>(100, integer(1000)))})})
        expect_refused(named_by(names), "the name of class 1 has", ErrorCode::LimitExceeded);
    EXPECT_EQ(names_of(named_by(list(std::vector<std::string>(70'000, integer(1))))), (ClassNames{"1", "1"}));
    expect_refused(named_by(text("cat")), "class names are cat, wanted a list or a dict", ErrorCode::CorruptFile);
    expect_refused(named_by(reduce(global("builtins", "set"), {list({text("cat"), text("dog")})})),
                   "class names are a set, which has no order", ErrorCode::CorruptFile);
}

// Rule: keys are numbers as Python's int() reads them, and none is above the number of names.
TEST_F(NetworkRules, ClassIdsAreNumbers) {
    const auto named_by = [](const std::string& first, const std::string& second) {
        TinyNetwork network;
        network.names = dict({{first, text("a")}, {second, text("b")}});
        return network;
    };
    const ClassNames both{"a", "b"};
    EXPECT_EQ(names_of(named_by(integer(0), integer(1))), both);
    EXPECT_EQ(names_of(named_by(text("0"), text("1"))), both);
    EXPECT_EQ(names_of(named_by(integer(0), text(" +01\n"))), both);
    EXPECT_EQ(names_of(named_by(boolean(false), boolean(true))), both);
    EXPECT_EQ(names_of(named_by(real(0), real(1.5))), both);
    EXPECT_EQ(names_of(named_by(integer(1), integer(0))), (ClassNames{"b", "a"}));
    EXPECT_EQ(names_of(named_by(integer(-1), integer(0))), (ClassNames{"b", "class1"}));
    EXPECT_EQ(names_of(named_by(integer(0), text("0"))), (ClassNames{"b", "class1"}));
    for (const auto& [first, second] :
         Pairs{{integer(0), integer(2)}, {integer(1), integer(2)}, {text("7"), text("0")}})
        expect_refused(named_by(first, second), "2 class names have ids from", ErrorCode::CorruptFile);
    for (const std::string& key :
         {text("a"), text(""), text("1.0"), text("0x1"), text("- 1"), none(), tuple({integer(1)}), real(1e300),
          global("numpy", "int64"), text("99999999999999999999")})
        expect_refused(named_by(integer(0), key), "is no number", ErrorCode::CorruptFile);
}

// Rule: a name is what Python's str() shows; what is no plain value has none, and its type never stands for it.
TEST_F(NetworkRules, ClassNamesMustBeText) {
    const auto named_by = [](const std::string& name) {
        TinyNetwork network;
        network.names = list({text("cat"), name});
        return network;
    };
    const std::string numpy_text =
        reduce(global("numpy._core.multiarray", "scalar"),
               {build(reduce(global("numpy", "dtype"), {text("U2"), boolean(false), boolean(true)}),
                      tuple({integer(3), text("<"), none(), none(), none(), integer(8), integer(4), integer(8)})),
                short_bytes("o\0\0\0k\0\0\0"s)});
    for (const auto& [name, shown] : Pairs{{text("dög"), "dög"},
                                           {text(""), ""},
                                           {integer(5), "5"},
                                           {real(1.5), "1.5"},
                                           {boolean(true), "True"},
                                           {none(), "None"},
                                           {bytes("dog's"), "b\"dog's\""},
                                           {bytes("a\n\xff\\"), R"(b'a\n\xff\\')"},
                                           {list({text("a"), text("b")}), "['a', 'b']"},
                                           {tuple({integer(1)}), "(1,)"},
                                           {reduce(global("pathlib", "PosixPath"), {text("a"), text("b")}), "a/b"},
                                           {numpy_text, "ok"}}) {
        TinyNetwork network = named_by(name);
        const std::string value = network.model();
        const std::string stream = pickle_of_protocol(3, named({{"model", value}}));
        const auto file = open_bytes(archive(stream, network.storages()).bytes());
        EXPECT_EQ(engine::describe_checkpoint(file).names, (ClassNames{"cat", shown}));
    }
    for (const std::string& name : {global("numpy", "str_"), new_object(global("my", "Name")),
                                    list({text("a"), new_object(global("my", "Name"))}), persistent(tuple({})),
                                    dict({{text("a"), module("a", "B")}}), long1(std::string(9, '\1')),
                                    reduce(global("numpy._core.multiarray", "scalar"), {none(), none()})})
        expect_refused(named_by(name), "the name of class 1 cannot be read as text", ErrorCode::CorruptFile);
}

// Rule: a class that is not known is refused where the network needs it, with its place and its name.
TEST_F(NetworkRules, UnknownLayersAreNamed) {
    for (const char* name : {"my.fork.Secret", "torch.nn.modules.rnn.LSTM", "ultralytics.nn.modules.block.C2fAttn"}) {
        TinyNetwork network;
        network.layers = {{name, {}}};
        expect_refused(network, name, ErrorCode::UnsupportedModel);
        expect_refused(network, "in model.1", ErrorCode::UnsupportedModel);
    }
    TinyNetwork network;
    network.activation = module("my.fork", "Act");
    expect_refused(network, "my.fork.Act", ErrorCode::UnsupportedModel);
}

// Rule: layers take their input from layers before them.
TEST_F(NetworkRules, InputsComeFromEarlierLayers) {
    for (const int from : {0, 1, 5, -2, -3, std::numeric_limits<int>::min()}) {
        TinyNetwork network;
        network.first_from = integer(from);
        expect_refused(network, "takes its input from layer");
    }
}

}  // namespace
}  // namespace yolovino::test::forge
