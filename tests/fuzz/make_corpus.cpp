#include <filesystem>
#include <fstream>

#include "fuzz/pickle_mutator.hpp"
#include "support/forge_onnx.hpp"
#include "support/repickle.hpp"

/// make_fuzz_corpus FOLDER: writes the seeds of all fuzz targets. What the fuzzers find is added to them by hand.
int main(int argc, char** argv) {
    using namespace yolovino::test::forge;
    using namespace std::string_literals;
    if (argc != 2) return 2;
    const std::filesystem::path root = argv[1];
    const auto seed = [&](const std::string& target, const std::string& name, const std::string& bytes) {
        std::filesystem::create_directories(root / target);
        write(root / target / name, bytes);
    };
    const std::string weight = tensor(storage("0", "FloatStorage", 4), {2, 2}, {2, 1});
    const std::string model =
        detection_model({.children = {{"model", module("torch.nn.modules.container", "Sequential")}},
                         .parameters = {{"weight", parameter(weight)}, {"bias", none()}},
                         .attributes = {{"names", dict({{integer(0), text("cat")}})}}});
    const std::string whole =
        pickle(named({{"model", model}, {"epoch", integer(-1)}, {"train_args", named({{"imgsz", integer(640)}})}}));
    const std::string numpy =
        reduce(global("numpy.core.multiarray", "scalar"),
               {reduce(global("numpy", "dtype"), {text("f8"), boolean(false), boolean(true)}),
                reduce(global("_codecs", "encode"), {text("\1\2\3\4\5\6\7\x10"), text("latin1")})});
    for (const char* target : {"pickle", "checkpoint"}) {
        seed(target, "model", whole);
        seed(
            target, "values",
            pickle(tuple({list({real(0.5), long1("\xff"), "U\x02hi"}), "\x8f", numpy, ordered_dict({{"a", none()}})})));
        seed(target, "memo", pickle("]" + put(0) + get(0) + "a" + text("x") + "q\1h\1"s + "\x87"));
        for (std::uint32_t i = 0; i < 8; ++i)
            seed(target, "generated-" + std::to_string(i), yolovino::fuzz::PickleMutator(i).generate());
    }
    const std::string text_type = build(reduce(global("numpy", "dtype"), {text("U1"), boolean(false), boolean(true)}),
                                        tuple({integer(3), text("<"), none()}));
    const std::string names = reduce(stack_global("numpy._core.numeric", "_frombuffer"),
                                     {byte_array("a\0\0\0b\0\0\0"s), text_type, tuple({integer(2)}), text("C")});
    const std::string wrapped = module("torch.nn.parallel.data_parallel", "DataParallel",
                                       {.children = {{"module", model}}, .attributes = {{"names", names}}});
    const std::string newer =
        tuple({short_text("a") + memoize(), short_bytes("b"), bytes("c"), "\x8f(" + none() + "\x90",
               "(" + none() + "\x91", stack_global("a", "b") + ")}\x92", names});
    for (const char* target : {"pickle", "checkpoint", "audit"}) {
        seed(target, "wrapped", pickle_of_protocol(5, named({{"model", wrapped}})));
        seed(target, "protocol-5", pickle_of_protocol(5, newer));
    }
    const std::string id = persistent(
        tuple({text("storage"), global("torch", "FloatStorage"), text("7"), text("cpu"), integer(2), none()}));
    const std::string legacy =
        legacy_head() + pickle(named({{"model", detection_model({.parameters = {{"w", tensor(id, {2}, {1})}}})}})) +
        pickle(list({text("7")})) + little(std::uint64_t{2}) + std::string(8, '\1');
    for (const char* target : {"checkpoint", "audit"}) seed(target, "legacy", legacy);
    const Zip small =
        archive(pickle(named({{"model", detection_model({.parameters = {{"w", weight}}})}})), {std::string(16, '\1')});
    Zip classic = small;
    classic.zip64 = false;
    classic.comment = "by hand";
    Zip packed = small;
    for (Entry& entry : packed.entries) entry.packed = true;
    for (const char* target : {"zip", "checkpoint"}) {
        seed(target, "packed", packed.bytes());
        seed(target, "zip64", small.bytes());
        seed(target, "classic", classic.bytes());
    }
    Zip script{
        .entries = {
            {.name = "m/data.pkl", .data = pickle(none())},
            {.name = "m/constants.pkl", .data = pickle(")")},
            {.name = "m/extra/config.txt",
             .data =
                 R"({"task": "detect", "stride": 32, "batch": 1, "imgsz": [640, 640], "names": {"0": "cat", "1": "dog"}, "args": {"half": false}})"}}};
    seed("zip", "script", script.bytes());
    seed("torchscript", "config", script.bytes());
    script.entries.pop_back();
    seed("torchscript", "bare", script.bytes());
    const Onnx onnx{.properties = {{"task", "detect"},
                                   {"stride", "32"},
                                   {"batch", "1"},
                                   {"imgsz", "[640, 640]"},
                                   {"names", "{0: 'cat', 1: \"it's\"}"},
                                   {"args", "{'half': False}"}}};
    seed("onnx", "named", onnx.bytes());
    seed("onnx", "open",
         Onnx{.inputs = {onnx_tensor("images", {-1, 3, -1, -1}, 10)}, .outputs = {onnx_tensor("o", {-1, 6, -1}, 10)}}
             .bytes());
    const std::string yaml =
        "description: YOLOv8n\nauthor: x\nversion: 8.4.0\ntask: detect\nstride: 32\nbatch: 1\nimgsz:\n- 640\n- "
        "640\nnames:\n  0: cat\n  1: 'it''s'\nargs:\n  half: false\n  dynamic: true\n";
    const std::string json = R"({"a": [1, -2.5, true, null, "\u00e9"], "names": {"0": "x"}})";
    seed("metadata", "yaml", "0" + yaml);
    seed("metadata", "aliases", "0a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n");
    seed("metadata", "json", "1" + json);
    seed("metadata", "python", "2{0: 'cat', 1: \"it's\", 'k': [1, (2,), -3.5e4, None, True], 'e': '\\x41\\u00e9\\n'}");
    seed("folder", "metadata", yaml);
    seed(
        "folder", "report",
        yaml + '\0' +
            R"({"tool": "yolovino", "openvino": "x", "method": "ptq", "data": "d.yaml", "split": "val", "imgsz": [640, 640],)"
            R"( "damage": {"images": 1, "anchors": 0}, "float_layers": [], "convolutions": [], "activations": [],)"
            R"( "unreadable": 0, "images_sha256": "", "images": [{"path": "a.jpg", "sha256": "0"}]})");
    seed("folder", "list", "task: detect\nnames: [a, b]\nargs: {int8: true}\n");
    seed("dataset", "map", "path: .\nval: images\nnames:\n  0: cat\n  1: dog\nnc: 2\n");
    seed("dataset", "list", "path: ''\nval: [images, val.txt]\ntrain: val.txt\nnames: [cat, dog]\n");
    seed("dataset", "count", "val: val.txt\nnc: 3\ndownload: x\n");
    seed("labels", "boxes", "0 0.5 0.5 0.25 0.125\n12 1e-3 .5 +0.1 1\n\n0 0.5 0.5 0.25 0.125\n");
    seed("labels", "polygons", "0 0.1 0.1 0.9 0.1 0.5 0.9\r\n1 0 0 1 0 1 1 0 1\n");
    seed("labels", "poses", "0 .5 .5 .2 .2 .4 .4 2 .6 .6 0\n1 .5 .5 .2 .2 .4 .4 1 .6 .6 2\n");
    seed("labels", "flat_poses", "0 .5 .5 .2 .2 .4 .4 -.005 .6 .1 .1\n");
    seed("labels", "bad", "0 nan 0.5 0.5 0.5\n0 1 2\n-1 0 0 0 0\n0.5 0 0 0 0");
    seed("arguments", "predict",
         "predict\nmodel=yolov8n.pt\nsource=bus.jpg\nconf=0.25\nclasses=[0,\n2]\n--save_txt\nimgsz\n=\n(640,480)\n");
    seed("arguments", "export", "export\nmodel=a.pt\nformat=onnx\nhalf\nopset=17,\ndynamic=True");
    seed("arguments", "wrong", "valll\nmodle=\n=x\nhelp\n\x1b[31m\nmode=val\n'a\n\"b");
    seed("config", "predict",
         "task: detect\nmode: predict\nconf: 0.25\nclasses: [0, 2]\nsave_txt: True\nproject:\nimgsz: 640\n");
    seed("config", "quoted", "name: '640'\nsource: \"a b.jpg\"\nclasses:\n- 1\n- '2'\ncfg: other.yaml\n");
    seed("config", "wrong", "conf: {a: b}\n? [x]\n: y\nmodle: x\n\"\\e[31m\": 1\n");
    seed("config", "aliases", "classes: &a [1, 1]\nimgsz: *a\nname: [*a, *a]\n<<: {conf: 2}\n");
    seed("config", "deep", "name: " + std::string(600, '[') + "\n");
    // Top, left, height, width, and eight pixels of a row in a byte
    seed("outlines", "square", "\x02\x03\x04\x05\x1f\x11\x11\x1f"s);
    seed("outlines", "two-parts", "\x00\x00\x03\x08\xc3\x00\xc3"s);
    seed("outlines", "three-parts",
         "\x09\x09\x05\x50"s + std::string(10, '\x55') + std::string(10, '\0') + std::string(10, '\x0f') +
             std::string(10, '\0') + std::string(10, '\xff'));
    seed("outlines", "chequered", "\xff\xff\x40\x40"s + std::string(512, '\x5a'));
    seed("outlines", "empty", "\x00\x00\x10\x10"s + std::string(32, '\0'));
    return 0;
}
