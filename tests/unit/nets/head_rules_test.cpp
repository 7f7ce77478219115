#include <limits>

#include "nets/network.hpp"
#include "support/forge_checkpoint.hpp"
#include "support/forge_network.hpp"

/// What the heads of segmentation, pose, rotated boxes, and classification say of themselves must fit their layers.
namespace yolovino::test::forge {
namespace {

constexpr int kMasks = 3;

/// Detect and a branch more.
TinyNetwork anchored(const std::string& head_class, const Pairs& attributes, int extra_channels) {
    TinyNetwork network;
    network.head_class = head_class;
    network.head.insert(network.head.end(), attributes.begin(), attributes.end());
    network.change_head = [extra_channels](TinyNetwork& self, ModuleParts& head) {
        head.children.emplace_back("cv4", self.branch(extra_channels));
    };
    return network;
}

TinyNetwork segment(int coefficients = kMasks, int prototypes = kMasks) {
    TinyNetwork network = anchored("Segment", {{"nm", integer(kMasks)}, {"npr", integer(4)}}, coefficients);
    network.change_head = [=](TinyNetwork& self, ModuleParts& head) {
        const std::string same = module("torch.nn.modules.linear", "Identity");
        const ModuleParts proto{.children = {{"cv1", same},
                                             {"upsample", same},
                                             {"cv2", same},
                                             {"cv3", self.conv_block(self.head_channels, prototypes)}}};
        head.children.emplace_back("cv4", self.branch(coefficients));
        head.children.emplace_back("proto", module("ultralytics.nn.modules.block", "Proto", proto));
    };
    return network;
}

TinyNetwork pose(const std::string& shape = counts({5, 3}), int channels = 15) {
    return anchored("Pose", {{"kpt_shape", shape}}, channels);
}

TinyNetwork obb() {
    return anchored("OBB", {{"ne", integer(1)}}, 1);
}

/// Of the parts of Detect only the place is left.
TinyNetwork classify(const std::function<void(TinyNetwork&, ModuleParts& linear, ModuleParts& pool)>& change = {}) {
    TinyNetwork network;
    network.head_class = "Classify";
    network.change_head = [change](TinyNetwork& self, ModuleParts& head) {
        ModuleParts pool{.attributes = {{"output_size", integer(1)}}};
        ModuleParts linear{.parameters = {{"weight", self.weight_of({2, 6})}, {"bias", self.vector_of({0, 0})}},
                           .attributes = {{"in_features", integer(6)}, {"out_features", integer(2)}}};
        if (change) change(self, linear, pool);
        head.children = {{"conv", self.conv_block(self.head_channels, 6)},
                         {"pool", module("torch.nn.modules.pooling", "AdaptiveAvgPool2d", pool)},
                         {"drop", module("torch.nn.modules.dropout", "Dropout")},
                         {"linear", module("torch.nn.modules.linear", "Linear", linear)}};
        head.attributes = {{"f", integer(-1)}};
    };
    return network;
}

class HeadRules : public CheckpointTest {
protected:
    std::vector<graph::Shape> outputs(TinyNetwork network, const nets::InputShape& shape = {1, 64, 64}) {
        std::vector<graph::Shape> shapes;
        const nets::Network built = nets::build_network(open_bytes(network.bytes()), shape);
        for (const graph::Node& node : built.graph.nodes()) {
            if (std::holds_alternative<graph::op::Output>(node.operation)) shapes.push_back(node.outputs.front());
        }
        return shapes;
    }
    nets::HeadInfo read(TinyNetwork network) { return nets::read_head(open_bytes(network.bytes())); }
    void expect_refused(TinyNetwork network, const std::string& words, ErrorCode code) {
        try {
            const checkpoint::Checkpoint file = open_bytes(network.bytes());
            nets::read_head(file);
            nets::build_network(file, {1, 64, 64});
            ADD_FAILURE() << "accepted; wanted: " << words;
        } catch (const Error& error) {
            const std::string message = error.what();
            EXPECT_NE(message.find(words), std::string::npos) << message;
            EXPECT_EQ(message.find('\n'), std::string::npos) << message;
            EXPECT_EQ(error.code(), code) << message;
        }
    }
    void expect_attribute_refused(TinyNetwork network, const std::string& name, const std::string& value,
                                  ErrorCode code = ErrorCode::CorruptFile) {
        set(network.head, name, value);
        expect_refused(network, name, code);
    }
};

const std::string kHuge = long1(little(std::numeric_limits<std::int64_t>::max()));

TEST_F(HeadRules, UnchangedHeadsGiveTheirOutputs) {
    using Shapes = std::vector<graph::Shape>;
    EXPECT_EQ(outputs(segment()), (Shapes{{1, 4 + 2 + kMasks, 64}, {1, kMasks, 8, 8}}));
    EXPECT_EQ(outputs(pose()), (Shapes{{1, 4 + 2 + 15, 64}}));
    EXPECT_EQ(outputs(pose(counts({5, 2}), 10)), (Shapes{{1, 4 + 2 + 10, 64}}));
    EXPECT_EQ(outputs(obb()), (Shapes{{1, 4 + 2 + 1, 64}}));
    EXPECT_EQ(outputs(classify()), (Shapes{{1, 2}}));
    constexpr std::int64_t kAny = graph::kDynamic;
    EXPECT_EQ(outputs(segment(), nets::InputShape::dynamic()), (Shapes{{kAny, 9, kAny}, {kAny, kMasks, kAny, kAny}}));
    EXPECT_EQ(outputs(pose(), nets::InputShape::dynamic()), (Shapes{{kAny, 21, kAny}}));
    EXPECT_EQ(outputs(obb(), nets::InputShape::dynamic()), (Shapes{{kAny, 7, kAny}}));
    EXPECT_EQ(outputs(classify(), nets::InputShape::dynamic()), (Shapes{{kAny, 2}}));
}

TEST_F(HeadRules, SegmentHasOnePrototypeForEachCoefficient) {
    EXPECT_EQ(read(segment()).masks, kMasks);
    for (const std::string& value : {integer(0), integer(-1), integer(70'000), kHuge, none(), text("3"), real(3)})
        expect_attribute_refused(segment(), "nm", value);
    expect_refused(segment(kMasks + 1), "gives 4 channels, the head has 3 mask coefficients",
                   ErrorCode::UnsupportedModel);
    expect_refused(segment(kMasks, kMasks + 1), "gives 4 prototypes, the head has 3 mask coefficients",
                   ErrorCode::UnsupportedModel);
    TinyNetwork without_proto = segment();
    without_proto.change_head = [](TinyNetwork& self, ModuleParts& head) {
        head.children.emplace_back("cv4", self.branch(kMasks));
    };
    expect_refused(without_proto, "has no part 'proto'", ErrorCode::CorruptFile);
}

TEST_F(HeadRules, PoseHasAShapeOfKeypoints) {
    EXPECT_EQ(read(pose()).keypoints, (KeypointShape{5, 3}));
    for (const std::string& value :
         {counts({0, 3}), counts({17, 4}), counts({17, 1}), counts({-1, 3}), counts({5}), counts({5, 3, 1}),
          counts({5000, 3}), tuple({kHuge, integer(3)}), tuple({integer(5), kHuge}), none(), text("5, 3"), integer(5)})
        expect_attribute_refused(pose(), "kpt_shape", value);
    expect_attribute_refused(pose(), "nk", integer(14));
    expect_attribute_refused(pose(), "nk", kHuge);
    expect_refused(pose(counts({5, 3}), 14), "gives 14 channels, the head has 5 x 3 keypoint values",
                   ErrorCode::UnsupportedModel);
    // Two numbers are an integer for both: 2 points of 2.
    EXPECT_EQ(read(pose(integer(2), 4)).keypoints, (KeypointShape{2, 2}));
}

TEST_F(HeadRules, RotatedBoxesHaveOneAngle) {
    for (const std::string& value : {integer(0), integer(2), integer(-1), kHuge})
        expect_attribute_refused(obb(), "ne", value, ErrorCode::UnsupportedModel);
    for (const std::string& value : {none(), text("1")}) expect_attribute_refused(obb(), "ne", value);
    expect_refused(anchored("OBB", {{"ne", integer(1)}}, 2), "gives 2 channels, the head has 1 angle",
                   ErrorCode::UnsupportedModel);
}

TEST_F(HeadRules, HeadsWithABranchMoreHaveOneForEachMap) {
    for (const TinyNetwork& good : {segment(), pose(), obb()}) {
        TinyNetwork network = good;
        network.change_head = {};
        expect_refused(network, "has no part 'cv4'", ErrorCode::CorruptFile);
        network.change_head = [](TinyNetwork&, ModuleParts& head) {
            head.children.emplace_back("cv4", module("torch.nn.modules.container", "ModuleList"));
        };
        expect_refused(network, "0 branches in cv4 for 1 feature maps", ErrorCode::UnsupportedModel);
    }
}

/// Which of the parts of two branches a file has; a part that fusing removed is None.
TinyNetwork with_branches(const std::string& head_class, bool one_to_many, bool one_to_one) {
    TinyNetwork network;
    network.head_class = head_class;
    if (head_class == "OBB26") network.head.emplace_back("ne", integer(1));
    if (head_class == "Pose26") network.head.emplace_back("kpt_shape", counts({2, 3}));
    network.change_head = [=](TinyNetwork& self, ModuleParts& head) {
        const auto add = [&](const std::string& name, int channels) {
            head.children.emplace_back(name, one_to_many ? self.branch(channels) : none());
            head.children.emplace_back("one2one_" + name, one_to_one ? self.branch(channels) : none());
        };
        head.children = {{"dfl", module("torch.nn.modules.linear", "Identity")}};
        add("cv2", 4);
        add("cv3", 2);
        if (head_class == "OBB26") add("cv4", 1);
        if (head_class == "Pose26") {
            add("cv4", 4);
            add("cv4_kpts", 6);
            add("cv4_sigma", 4);
            head.children.emplace_back("flow_model", module("ultralytics.nn.modules.block", "RealNVP"));
        }
    };
    return network;
}

using HeadForm = nets::HeadForm;

/// The names of the convolutions of the head that a network computes.
std::string parts_of(const graph::Graph& graph) {
    std::string names;
    for (const graph::Node& node : graph.nodes()) {
        if (std::holds_alternative<graph::op::Conv2d>(node.operation) && node.name.starts_with("model.1."))
            names += node.name.substr(8) + " ";
    }
    return names;
}

TEST_F(HeadRules, OneBranchOfTwoIsComputed) {
    const auto built = [&](bool one_to_many, bool one_to_one, HeadForm::Branch branch, bool all = false) {
        TinyNetwork network = with_branches("Detect", one_to_many, one_to_one);
        return parts_of(
            nets::build_network(open_bytes(network.bytes()), {1, 64, 64}, {.branch = branch, .all_parts = all}).graph);
    };
    using Branch = HeadForm::Branch;
    const std::string many = "cv2.0.0 cv3.0.0 ";
    const std::string one = "one2one_cv2.0.0 one2one_cv3.0.0 ";
    EXPECT_EQ(built(true, true, Branch::OneToMany), many);
    EXPECT_EQ(built(true, true, Branch::OneToOne), one);
    EXPECT_EQ(built(true, false, Branch::OneToOne), many) << "there is no other";
    EXPECT_EQ(built(false, true, Branch::OneToMany), one) << "there is no other";
    EXPECT_EQ(built(true, true, Branch::OneToMany, true), many + one);
    EXPECT_EQ(built(true, false, Branch::OneToMany, true), many);
    for (const auto& [one_to_many, one_to_one] : {std::pair(true, true), {true, false}, {false, true}}) {
        const nets::HeadInfo head = read(with_branches("v10Detect", one_to_many, one_to_one));
        EXPECT_EQ(head.one_to_many, one_to_many);
        EXPECT_EQ(head.one_to_one, one_to_one);
    }
    expect_refused(with_branches("Detect", false, false), "has neither 'cv2' nor 'one2one_cv2'",
                   ErrorCode::CorruptFile);
}

TEST_F(HeadRules, PartsOfTrainingAreNotComputed) {
    TinyNetwork network = with_branches("Pose26", true, true);
    const checkpoint::Checkpoint file = open_bytes(network.bytes());
    EXPECT_EQ(parts_of(nets::build_network(file, {1, 64, 64}).graph), "cv2.0.0 cv3.0.0 cv4.0.0 cv4_kpts.0.0 ");
    // Both branches, and what only training needs of both.
    EXPECT_EQ(nets::unused_parts(file, {.branch = HeadForm::Branch::OneToMany}).size(), 5U + 1 + 1);
    EXPECT_EQ(nets::unused_parts(file, {.branch = HeadForm::Branch::OneToOne}).size(), 5U + 1 + 1);
}

TEST_F(HeadRules, HeadsGiveFinishedRowsInBothForms) {
    const auto shape = [&](const char* head, HeadForm::Rows rows, const nets::InputShape& input) {
        TinyNetwork network = with_branches(head, true, true);
        const HeadForm form{.branch = HeadForm::Branch::OneToOne, .rows = rows, .most = 100};
        return nets::build_network(open_bytes(network.bytes()), input, form).graph.nodes().back().outputs.front();
    };
    using Rows = HeadForm::Rows;
    constexpr std::int64_t kAny = graph::kDynamic;
    for (const auto& [head, more] : {std::pair("Detect", 0), {"v10Detect", 0}, {"OBB26", 1}, {"Pose26", 6}}) {
        SCOPED_TRACE(head);
        const nets::InputShape fixed{2, 64, 64};
        EXPECT_EQ(shape(head, Rows::Raw, fixed), (graph::Shape{2, 6 + more, 64}));
        EXPECT_EQ(shape(head, Rows::Top, fixed), (graph::Shape{2, 64, 6 + more})) << "no more than there are anchors";
        EXPECT_EQ(shape(head, Rows::Suppressed, fixed), (graph::Shape{2, 100, 6 + more}));
        EXPECT_EQ(shape(head, Rows::Top, nets::InputShape::dynamic()), (graph::Shape{kAny, 100, 6 + more}));
        EXPECT_EQ(shape(head, Rows::Suppressed, nets::InputShape::dynamic()), (graph::Shape{kAny, 100, 6 + more}));
    }
}

TEST_F(HeadRules, ClassifiersCountTheirClassesByTheirWeights) {
    const nets::HeadInfo head = read(classify());
    EXPECT_EQ(head.classes, 2);
    EXPECT_EQ(head.strides, (std::vector<std::int64_t>{32})) << "of old files, whose model has no stride";
    const auto with = [](const std::string& name, const std::string& value) {
        return classify([=](TinyNetwork&, ModuleParts& linear, ModuleParts&) { set(linear.attributes, name, value); });
    };
    expect_refused(with("in_features", integer(5)), "wanted 5 to 2 features", ErrorCode::CorruptFile);
    expect_refused(with("out_features", kHuge), "features", ErrorCode::CorruptFile);
    expect_refused(with("out_features", none()), "out_features", ErrorCode::CorruptFile);
    for (const std::vector<int>& shape : {std::vector<int>{12}, {2, 6, 1}, {0, 6}}) {
        expect_refused(classify([shape](TinyNetwork& self, ModuleParts& linear, ModuleParts&) {
                           linear.parameters[0].second = self.weight_of(shape);
                       }),
                       "linear", ErrorCode::CorruptFile);
    }
    expect_refused(classify([](TinyNetwork& self, ModuleParts& linear, ModuleParts&) {
                       linear.parameters[1].second = self.vector_of({0, 0, 0});
                   }),
                   "the bias has 3 values for 2 features", ErrorCode::CorruptFile);
    expect_refused(classify([](TinyNetwork& self, ModuleParts& linear, ModuleParts&) {
                       linear.parameters[0].second = self.weight_of({2, 5});
                       linear.attributes.clear();
                   }),
                   "got 6 input channels", ErrorCode::ShapeMismatch);
    for (const std::string& size : {integer(2), counts({1, 2}), kHuge}) {
        expect_refused(classify([size](TinyNetwork&, ModuleParts&, ModuleParts& pool) {
                           set(pool.attributes, "output_size", size);
                       }),
                       "output_size", ErrorCode::UnsupportedModel);
    }
}

TEST_F(HeadRules, OtherHeadsAreRefusedByName) {
    for (const char* name : {"SemanticSegment", "Depth", "WorldDetect", "YOLOEDetect", "YOLOESegment", "YOLOESegment26",
                             "LRPCHead", "RTDETRDecoder"}) {
        TinyNetwork network;
        network.head_class = name;
        expect_refused(network, std::string("the head is ultralytics.nn.modules.head.") + name,
                       ErrorCode::UnsupportedModel);
    }
}

}  // namespace
}  // namespace yolovino::test::forge
