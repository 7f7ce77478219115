#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "scan/stream.hpp"
#include "support/forge_pickle.hpp"

namespace yolovino::scan {
namespace {

namespace forge = test::forge;
using enum NameVerdict;

/// Ultralytics' constructor evaluates text of the dictionary that it is given.
const std::string kParser = forge::global("ultralytics.nn.tasks", "DetectionModel");
const std::string kConv = forge::global("torch.nn.modules.conv", "Conv2d");
const std::string kPartial = forge::global("functools", "partial");
const std::string kSettings = forge::named({{"activation", forge::text("print(1)")}});

NameVerdict worst_of(const Stream& stream) {
    NameVerdict worst = Needed;
    for (const Stream::Name& each : stream.names()) worst = std::max(worst, each.verdict);
    return worst;
}

NameVerdict judged(const std::string& value) {
    const std::string bytes = "\x80\x02" + value + ".";
    const Stream stream(base::as_bytes(bytes), 1'000'000);
    EXPECT_TRUE(stream.complete()) << value;
    return worst_of(stream);
}

std::string instance() {
    return forge::new_object(kConv);
}

struct Trick {
    const char* what;
    std::string value;
};

/// None of these names code of its own: each makes Python call what a harmless name stands for.
TEST(Calls, HarmlessNamesAreFollowedToWhatTheyRun) {
    const std::string later = forge::reduce(kPartial, {kParser});
    const std::string forward =
        forge::reduce(forge::global("builtins", "getattr"), {instance(), forge::text("forward")});
    const Trick tricks[] = {
        {"a partial that is called", forge::reduce(later, {kSettings})},
        {"a partial that is called without arguments", forge::reduce(later, {})},
        {"a partial whose instance is made", later + ")\x81"},
        {"a reconstructor on a class of the file",
         forge::reduce(forge::global("copyreg", "_reconstructor"), {kParser, kParser, kSettings})},
        {"a function for a type",
         forge::reduce(forge::global("torch._tensor", "_rebuild_from_type_v2"),
                       {kParser, forge::global("torch", "Tensor"), forge::tuple({kSettings}), forge::dict({})})},
        {"a __setstate__ of an object",
         forge::build(forge::build(instance(), forge::named({{"__setstate__", forward}})), kSettings)},
        {"a __setstate__ among the slots",
         forge::build(instance(), "N" + forge::named({{"__setstate__", forward}}) + "\x86")},
        {"a __setstate__ in an ordered dictionary",
         forge::build(instance(), forge::ordered_dict({{"__setstate__", forward}}))},
        {"a __setstate__ among pairs",
         forge::build(instance(),
                      forge::reduce(forge::global("collections", "OrderedDict"),
                                    {forge::list({forge::tuple({forge::text("__setstate__"), forward})})}))},
        {"a key that a call makes",
         forge::build(instance(),
                      forge::dict({{forge::reduce(forge::global("builtins", "str"), {forge::text("x")}), forward}}))},
        {"an append of an object", forge::build(instance(), forge::named({{"append", forward}})) + "Na"},
        {"an extend of an object", forge::build(instance(), forge::named({{"extend", forward}})) + "(Ne"},
        {"an add of an object", forge::build(instance(), forge::named({{"add", forward}})) + "(N\x90"},
        {"a value added to a network", instance() + "Na"},
        {"an item of a network", instance() + forge::text("a") + "Ns"},
        {"a network that is called", forge::reduce(instance(), {kSettings})},
        {"a method that is called", forge::reduce(forward, {kSettings})},
        {"a class that is handed on", forge::list({kParser})},
        {"a class from the memo", forge::new_object(kParser + forge::put(1)) + "0" + forge::get(1)},
        {"the state of a parameter", forge::reduce(forge::global("torch._utils", "_rebuild_parameter_with_state"),
                                                   {"N", "\x88", "N", forge::named({{"__setstate__", forward}})})},
        {"a number for a name", std::string("\x82\x01")},
        {"a tuple that is used twice", forge::tuple({kParser, forge::global("builtins", "object"), "N"}) +
                                           forge::put(1) + "0" + forge::global("copyreg", "_reconstructor") +
                                           forge::get(1) + "R0" + kPartial + forge::get(1) + "R"},
        {"a key that an id passes on",
         forge::build(instance(), forge::dict({{forge::persistent(forge::tuple({forge::text("module"), "N"})), forward},
                                               {forge::text("__setstate__"), forward}}))},
        {"a __setstate__ in a queue",
         forge::build(instance(), forge::reduce(forge::global("collections", "deque"), {}) +
                                      forge::tuple({forge::text("__setstate__"), forward}) + "a")},
        {"a __setstate__ in a list",
         forge::build(instance(), forge::list({forge::tuple({forge::text("__setstate__"), forward})}))},
        {"a value added to a network of an older protocol",
         forge::reduce(forge::global("copyreg", "_reconstructor"), {kConv, forge::global("builtins", "object"), "N"}) +
             "Na"},
        {"a method under another name", forge::build(instance(), forge::named({{"detach", forward}}))},
        {"a partial whose function is replaced",
         forge::build(forge::reduce(kPartial, {forge::global("collections", "OrderedDict")}),
                      forge::tuple({kConv, forge::tuple({}), forge::dict({}), "N"}))},
        {"a storage of an address", forge::global("torch.storage", "UntypedStorage") + ")" +
                                        forge::named({{"allocator", forge::integer(1)}}) + "\x92"},
        {"numbers that numpy takes for objects",
         forge::build(forge::reduce(forge::global("numpy", "dtype"), {forge::text("O8")}),
                      forge::tuple({forge::integer(3), forge::text("|"), "N", "N", "N", forge::integer(-1),
                                    forge::integer(-1), forge::integer(0)}))},
        {"a network that reads its own description", forge::reduce(kParser, {})},
        {"an unknown function", forge::reduce(forge::global("some.package", "function"), {"N"})},
    };
    for (const Trick& each : tricks) EXPECT_EQ(judged(each.value), Dangerous) << each.what;
}

TEST(Calls, AttributesOfTransformsAreNotHarmless) {
    const std::string mode = forge::global("torchvision.transforms.functional", "InterpolationMode");
    const std::string get = forge::global("builtins", "getattr");
    EXPECT_EQ(judged(forge::reduce(get, {mode, forge::text("mro")})), Unknown);
    EXPECT_EQ(judged(forge::reduce(get, {mode, forge::text("__init__")})), Dangerous);
    EXPECT_EQ(judged(forge::reduce(get, {kConv, forge::text("BILINEAR")})), Unknown);
    const std::string compose = forge::new_object(forge::global("torchvision.transforms.transforms", "Compose"));
    EXPECT_EQ(judged(forge::reduce(compose, {kSettings})), Dangerous);
}

TEST(Calls, ConstructorsAreNotHarmless) {
    EXPECT_EQ(judged(forge::list({kConv})), Unknown);
    EXPECT_EQ(judged(forge::reduce(forge::global("torch.optim.lr_scheduler", "LambdaLR"), {"N", "N"})), Unknown);
    EXPECT_EQ(judged(forge::reduce(forge::global("collections", "defaultdict"),
                                   {forge::reduce(kPartial, {forge::global("builtins", "dict")})})),
              Unknown);
}

/// What honest files do.
TEST(Calls, KnownUsesAreHarmless) {
    const std::string plain = forge::global("builtins", "object");
    const std::string forward =
        forge::reduce(forge::global("builtins", "getattr"), {instance(), forge::text("forward_fuse")});
    const Trick uses[] = {
        {"an instance", instance()},
        {"an instance by an older protocol",
         forge::reduce(forge::global("copy_reg", "_reconstructor"), {kParser, plain, "N"})},
        {"a class whose source is in the file",
         forge::new_object(forge::persistent(
             forge::tuple({forge::text("module"), kConv, forge::text("a.py"), forge::text("class")})))},
        {"a partial of a harmless function", forge::reduce(kPartial, {forge::global("collections", "OrderedDict")})},
        {"a dictionary of dictionaries",
         forge::reduce(forge::global("collections", "defaultdict"), {forge::global("builtins", "dict")}) +
             forge::items({{forge::integer(1), forge::dict({})}})},
        {"a bottleneck", forge::build(instance(), forge::named({{"add", forge::boolean(true)}}))},
        {"an interpolation of torchvision",
         forge::reduce(forge::global("torchvision.transforms.functional", "InterpolationMode"),
                       {forge::text("bilinear")})},
        {"the same as some versions of Python store it",
         forge::reduce(
             forge::global("builtins", "getattr"),
             {forge::global("torchvision.transforms.functional", "InterpolationMode"), forge::text("BILINEAR")})},
        {"a fused model", forge::build(instance(), forge::named({{"forward", forward}}))},
        {"an array of objects",
         forge::build(forge::reduce(forge::global("numpy", "dtype"), {forge::text("O8")}),
                      forge::tuple({forge::integer(3), forge::text("|"), "N", "N", "N", forge::integer(-1),
                                    forge::integer(-1), forge::integer(63)}))},
        {"constants of a network", forge::build(instance(), forge::named({{"__constants__", forge::list({"N"})}}))},
        {"a queue", forge::reduce(forge::global("collections", "deque"), {}) + "(NNe"},
        {"a set", forge::reduce(forge::global("builtins", "set"), {forge::list({"N"})}) + "(N\x90"},
        {"a tensor of a subclass",
         forge::reduce(forge::global("torch._tensor", "_rebuild_from_type_v2"),
                       {forge::global("torch._utils", "_rebuild_tensor_v2"), forge::global("torch", "Tensor"),
                        forge::tuple({"N"}), forge::named({{"tag", forge::text("a")}})})},
    };
    for (const Trick& each : uses) EXPECT_LE(judged(each.value), Harmless) << each.what;
}

/// Python's int() reads these as 10, 1, and 1; a reader that stops at the first odd letter takes another value.
TEST(Calls, PlacesInTheMemoAreNumbers) {
    for (const char* place : {"1_0", "+1", " 1", "", "99999999999999999999999"}) {
        const std::string bytes = std::string("Vposix\np") + place + "\nVsystem\n\x93.";
        const Stream stream(base::as_bytes(bytes), 1000);
        EXPECT_FALSE(stream.complete()) << place;
        ASSERT_FALSE(stream.remarks().empty()) << place;
        EXPECT_TRUE(stream.remarks().front().hides_content) << place;
    }
}

TEST(Calls, CallsWithoutANameAreReported) {
    const std::string bytes = "\x80\x02" + forge::persistent(forge::text("x")) + ")R.";
    const Stream stream(base::as_bytes(bytes), 1000);
    ASSERT_EQ(stream.remarks().size(), 2U) << "of the id, and of the call";
    for (const Stream::Remark& each : stream.remarks()) EXPECT_TRUE(each.hides_content);
}

TEST(Calls, LongLinesDoNotHideWhatFollows) {
    const std::string bytes = "V" + std::string(1U << 20U, 'a') + "\n0cos\nsystem\n.";
    const Stream stream(base::as_bytes(bytes), 1'000'000);
    EXPECT_TRUE(stream.complete());
    EXPECT_EQ(worst_of(stream), Dangerous);
}

TEST(Calls, StatesThatAreTooDeepAreNotHarmless) {
    const std::string dictionary = forge::global("collections", "OrderedDict");
    std::string state = forge::dict({});
    for (int i = 0; i < 20; ++i) state = forge::reduce(dictionary, {state});
    EXPECT_EQ(judged(forge::build(instance(), state)), Dangerous);
    // Each level multiplies the ways: to look through all of them would take forever.
    std::string wide = forge::dict({}) + forge::put(0);
    for (std::uint32_t i = 0; i < 7; ++i)
        wide += "0" + forge::reduce(dictionary, std::vector<std::string>(16, forge::get(i))) + forge::put(i + 1);
    EXPECT_EQ(judged(forge::build(wide + "0" + instance(), forge::get(7))), Dangerous);
}

/// The state of numpy's arrays of objects holds all of them.
TEST(Calls, LongStatesOfOtherClassesAreHarmless) {
    const std::string array = forge::reduce(forge::global("numpy.core.multiarray", "_reconstruct"),
                                            {forge::global("numpy", "ndarray"), forge::counts({0}), forge::text("b")});
    std::string values;
    for (int i = 0; i < 20'000; ++i) values += forge::tuple({forge::text("a"), instance()});
    const std::string state =
        forge::tuple({forge::integer(1), forge::counts({20'000, 2}), "N", "\x89", "](" + values + "e"});
    EXPECT_LE(judged(forge::build(array, state)), Harmless);
}

}  // namespace
}  // namespace yolovino::scan
