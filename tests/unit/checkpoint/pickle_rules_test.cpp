#include <array>
#include <cmath>
#include <set>

#include "checkpoint/hostile_names.hpp"
#include "checkpoint/opcodes.hpp"
#include "support/forge_checkpoint.hpp"
#include "support/pickle_operations.hpp"

/// One test for each rule about the pickle and its tensors in sections 9 and 10 of the description of the format.
namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;

class PickleRules : public CheckpointTest {
protected:
    static std::string with_value(const std::string& value) {
        return named({{"value", value}, {"model", detection_model()}});
    }
    static std::string with_tensor(const std::string& tensor_bytes) {
        return named({{"model", detection_model({.parameters = {{"w", tensor_bytes}}})}});
    }
    void expect_tensor_refused(const std::string& tensor_bytes, const std::string& words,
                               const std::string& data = std::string(16, '\0')) {
        expect_pickle_refused(with_tensor(tensor_bytes), ErrorCode::CorruptFile, words, {data});
    }
    static std::string rebuild(const std::string& of_storage, const std::string& offset, const std::string& sizes,
                               const std::string& strides) {
        return reduce(global("torch._utils", "_rebuild_tensor_v2"),
                      {of_storage, offset, sizes, strides, boolean(false), ordered_dict({})});
    }
    static std::string four_floats() { return storage("0", "FloatStorage", 4); }
    static std::string wide(std::int64_t value) { return long1(little(value)); }
};

// Rule: the operations of checkpoints are accepted, from the protocol on that brought them, and every other byte is
// refused, by its value.
TEST_F(PickleRules, EveryOtherByteIsRefusedAsAnOperation) {
    for (const auto& [protocol, accepted] :
         std::initializer_list<std::pair<int, unsigned>>{{2, 33}, {3, 35}, {4, 44}, {5, 45}}) {
        unsigned refused = 0;
        for (unsigned byte = 0; byte < 256; ++byte) {
            const std::string code(1, static_cast<char>(byte));
            // Zeros are operands, newlines end the names of GLOBAL.
            const std::string operands = std::string(8, '\0') + std::string(300, '\n');
            const bool known = operation_bytes(code + operands) != 0 && byte != 0x80;
            const bool any_protocol = byte == 0x8f;  // EMPTY_SET
            if (known &&
                (any_protocol || checkpoint::find_opcode(static_cast<std::uint8_t>(byte))->protocol <= protocol))
                continue;
            ++refused;
            char shown[8];
            std::snprintf(shown, sizeof shown, "(0x%02x)", byte);
            expect_stream_refused("\x80"s + static_cast<char>(protocol) + "N" + code + ".", ErrorCode::CorruptFile,
                                  shown);
        }
        EXPECT_EQ(refused, 256U - accepted) << protocol;
    }
}

// Rule: EMPTY_SET, SHORT_BINSTRING, and LONG1 are accepted as torch's own restricted loader does.
TEST_F(PickleRules, RareOperationsAreRead) {
    const auto file = open_pickle(with_value(tuple({"\x8f", "U\x02hi", long1("\x05"), long1(std::string(200, 'x'))})));
    EXPECT_EQ(file.metadata("value")->to_text(), "([], 'hi', 5, <int>)");
}

// Rule: the first operation is PROTO 2 to 5, and there is no second one.
TEST_F(PickleRules, ProtocolIsSaidOnce) {
    for (int protocol = 0; protocol < 256; ++protocol) {
        if (protocol >= 2 && protocol <= 5) continue;
        expect_stream_refused("\x80"s + static_cast<char>(protocol) + "N.", ErrorCode::UnsupportedFile, "protocol 2");
    }
    expect_stream_refused("", ErrorCode::CorruptFile, "without STOP");
    expect_stream_refused("\x80", ErrorCode::CorruptFile, "without STOP");
    expect_stream_refused("\x80\x02\x80\x02N.", ErrorCode::CorruptFile, "PROTO");
}

// Rule: nothing follows STOP. A second pickle is what readers that load in a loop would run.
TEST_F(PickleRules, TrailingPicklesAreRefused) {
    const std::string whole = pickle(minimal_pickle());
    for (const std::string& tail : {whole, pickle(reduce(global("os", "system"), {text("x")})), "."s, "\0"s})
        expect_stream_refused(whole + tail, ErrorCode::CorruptFile, "follow the end of the pickle");
}

// Rule: memo slots are filled in order, so no index can claim memory; what was never filled cannot be fetched.
TEST_F(PickleRules, MemoGrowsSlotBySlot) {
    for (const std::uint32_t slot : {1U, 255U, 65'536U, 0x7FFFFFFFU, 0xFFFFFFFFU}) {
        expect_pickle_refused("N" + put(slot), ErrorCode::CorruptFile, "memo slot");
        expect_pickle_refused("N" + get(slot), ErrorCode::CorruptFile, "never filled");
        if (slot < 256) {
            expect_pickle_refused("Nq" + std::string(1, static_cast<char>(slot)), ErrorCode::CorruptFile, "memo slot");
            expect_pickle_refused("Nh" + std::string(1, static_cast<char>(slot)), ErrorCode::CorruptFile,
                                  "never filled");
        }
    }
    expect_pickle_refused(put(0), ErrorCode::CorruptFile, "empty stack");
    expect_pickle_refused("N(" + put(0), ErrorCode::CorruptFile, "empty stack");
}

// Rule: slots beyond what a genuine file of this size can hold are refused (a memo bomb).
TEST_F(PickleRules, MemoBombIsRefused) {
    std::string bomb;
    for (std::uint32_t slot = 0; slot < 1'000'000; ++slot) bomb += "]" + put(slot) + "a";
    expect_pickle_refused("]" + bomb, ErrorCode::LimitExceeded, "bytes of memory");
}

// Rule: each operation takes only values of the kind that it is made for.
TEST_F(PickleRules, OperationsRefuseEveryOtherKind) {
    const std::vector<std::string> scalars{"N", "\x88", integer(1), long1(std::string(9, 'x')), real(1), text("t")};
    const std::vector<std::string> containers{")", tuple({none()}), "\x8f", global("a", "b"), persistent(tuple({}))};
    std::vector<std::string> all = scalars;
    all.insert(all.end(), containers.begin(), containers.end());
    for (const std::string& target : all) {
        expect_pickle_refused(target + "NNs", ErrorCode::CorruptFile, "SETITEM");
        expect_pickle_refused(target + "(NNu", ErrorCode::CorruptFile, "SETITEM");
        expect_pickle_refused(target + "Na", ErrorCode::CorruptFile, "APPEND");
        expect_pickle_refused(target + "(Ne", ErrorCode::CorruptFile, "APPEND");
        expect_pickle_refused(target + "}b", ErrorCode::CorruptFile, "BUILD");
        if (target[0] != 'c') {
            expect_pickle_refused(target + ")R", ErrorCode::CorruptFile, "class of an object");
            expect_pickle_refused(target + ")\x81", ErrorCode::CorruptFile, "class of an object");
        }
        if (target[0] == ')' || target[0] == '(') continue;
        expect_pickle_refused(global("a", "b") + target + "R", ErrorCode::CorruptFile, "not a tuple");
        expect_pickle_refused(global("a", "b") + target + "\x81", ErrorCode::CorruptFile, "not a tuple");
    }
    for (const std::string& target : {"]"s, "}"s}) {
        expect_pickle_refused(target + "}b", ErrorCode::CorruptFile, "BUILD");
        expect_pickle_refused(target + ")R", ErrorCode::CorruptFile, "class of an object");
    }
    expect_pickle_refused("]NNs", ErrorCode::CorruptFile, "SETITEM");
    expect_pickle_refused("}Na", ErrorCode::CorruptFile, "APPEND");
}

// Rule: keys have values.
TEST_F(PickleRules, OddSetItemsAreRefused) {
    for (const std::string& keys : {"N"s, "NNN"s})
        expect_pickle_refused("}(" + keys + "u", ErrorCode::CorruptFile, "no value");
    expect_pickle_refused("}(u", ErrorCode::UnsupportedFile, "neither 'ema' nor 'model'");
}

// Rule: no operation reaches below the innermost open MARK.
TEST_F(PickleRules, OperationsDoNotReachBelowAMark) {
    for (const std::string& op : {"\x85"s, "\x86"s, "\x87"s, "a"s, "s"s, "R"s, "\x81"s, "b"s, "Q"s, "q\0"s})
        expect_pickle_refused("NNNN(" + op, ErrorCode::CorruptFile, "empty stack");
    for (const std::string& op : {"t"s, "e"s, "u"s})
        expect_pickle_refused("NN" + op, ErrorCode::CorruptFile, "not opened");
}

// Rule: lengths are compared with the bytes that are left before anything is allocated.
TEST_F(PickleRules, HugeCountsAllocateNothing) {
    for (const std::uint32_t length : {0xFFFFFFFFU, 0x80000000U, 1U << 30U, 3U}) {
        expect_pickle_refused("X" + little(length), ErrorCode::CorruptFile, "ends within a value");
    }
    expect_pickle_refused("J\1", ErrorCode::CorruptFile, "without STOP");
    expect_pickle_refused("G\1", ErrorCode::CorruptFile, "ends within a value");
}

// Rule: each line of GLOBAL has at most 256 bytes and is not empty.
TEST_F(PickleRules, NamesOfClassesAreShort) {
    const std::string longest(256, 'm');
    EXPECT_EQ(open_pickle(with_value(global(longest, longest))).metadata("value")->to_text().size(), 256U + 2U + 3U);
    expect_pickle_refused(global(longest + "m", "n"), ErrorCode::CorruptFile, "longer than 256");
    expect_pickle_refused(global("m", longest + "n"), ErrorCode::CorruptFile, "longer than 256");
    expect_pickle_refused(global("", "n"), ErrorCode::CorruptFile, "without a name");
    expect_pickle_refused(global("m", ""), ErrorCode::CorruptFile, "without a name");
}

// Rule: cycles end, wherever they run through.
TEST_F(PickleRules, ValuesThatHoldThemselvesAreReadToAnEnd) {
    const std::string self = get(0);
    const std::vector<std::string> cycles{
        "]" + put(0) + self + "a",
        "}" + put(0) + text("me") + self + "s",
        "}" + put(0) + self + self + "s",
        "]" + put(0) + self + "\x85" + "a",
        "]" + put(0) + persistent(self) + "a",
        new_object(global("a", "b")) + put(0) + self + "b",
        reduce(global("collections", "OrderedDict"), {}) + put(0) + text("me") + self + "s",
        reduce(global("types", "SimpleNamespace"), {}) + put(0) + dict({{text("me"), self}}) + "b",
        "]" + put(0) + reduce(global("__builtin__", "set"), {self}) + "a",
        "]" + put(0) + reduce(global("torch._utils", "_rebuild_parameter"), {self}) + "a"};
    for (const std::string& cycle : cycles) {
        try {
            open_pickle(with_value(cycle)).metadata("value")->to_text();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::CorruptFile) << error.what();
        }
    }
    // As the network itself.
    for (const std::string& cycle : cycles) EXPECT_TRUE(refusal(archive(pickle(named({{"model", cycle}}))).bytes()));
}

// Rule: a module may not be its own part, at any distance.
TEST_F(PickleRules, ModulesThatContainThemselvesAreRefused) {
    const auto state = [](const std::string& child) {
        return named({{"_modules", named({{"x", child}})}, {"_parameters", "}"}, {"_buffers", "}"}});
    };
    const std::string inner = build(new_object(global("a", "Inner")), state(get(0)));
    expect_pickle_refused(build(new_object(global("a", "Outer")) + put(0), state(inner)), ErrorCode::CorruptFile,
                          "contains itself");
}

// Rule: equal keys are refused in _modules, _parameters, and _buffers, and as members of a module.
TEST_F(PickleRules, PartsHaveOneName) {
    for (const char* list : {"_modules", "_parameters", "_buffers"}) {
        Pairs members{{"_modules", "}"}, {"_parameters", "}"}, {"_buffers", "}"}};
        const std::string part = list == "_modules"s ? module("a", "B") : none();
        for (auto& [name, value] : members) {
            if (name == list) value = named({{"twice", part}, {"twice", part}});
        }
        expect_pickle_refused(build(new_object(global("a", "B")), named(members)), ErrorCode::CorruptFile, "twice");
        members.emplace_back(list, "}");
        for (auto& [name, value] : members) value = "}";
        expect_pickle_refused(build(new_object(global("a", "B")), named(members)), ErrorCode::CorruptFile,
                              "two members");
    }
}

// Rule: bool is not int, None is not 0, and a float is no count: in offsets, sizes, strides, and lengths.
TEST_F(PickleRules, CountsAreIntegers) {
    const std::string good = counts({4});
    for (const std::string& bad :
         {boolean(true), none(), real(1), text("1"), integer(-1), long1(std::string(9, '\1'))}) {
        expect_tensor_refused(rebuild(four_floats(), bad, good, counts({1})), "offset");
        expect_tensor_refused(rebuild(four_floats(), integer(0), tuple({bad}), counts({1})),
                              "size that is not a count");
        expect_tensor_refused(rebuild(four_floats(), integer(0), good, tuple({bad})), "stride that is not a count");
        const std::string of =
            persistent(tuple({text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), bad}));
        expect_tensor_refused(rebuild(of, integer(0), good, counts({1})), "malformed reference");
    }
    // Tuples and lists serve alike as sizes.
    EXPECT_NO_THROW(open_pickle(with_tensor(rebuild(four_floats(), integer(0), list({integer(4)}), list({integer(1)}))),
                                {std::string(16, '\0')}));
}

// Rule: rank at most 8, and as many strides as sizes.
TEST_F(PickleRules, TensorRankIsLimitedAndMatchesTheStrides) {
    const std::vector<int> ones(9, 1);
    expect_tensor_refused(tensor(four_floats(), ones, ones), "9 dimensions");
    expect_tensor_refused(tensor(four_floats(), {4, 1}, {1}), "as many strides");
    expect_tensor_refused(tensor(four_floats(), {4}, {}), "as many strides");
}

// Rule: the number of elements, and the last element that a view reaches, are computed with checked arithmetic.
TEST_F(PickleRules, StridesAndOffsetsCannotWrap) {
    constexpr std::int64_t kHuge = std::int64_t{1} << 62;
    constexpr std::int64_t kLargest = 0x7FFFFFFFFFFFFFFF;
    const auto view = [&](std::int64_t offset, const std::vector<std::int64_t>& sizes,
                          const std::vector<std::int64_t>& strides) {
        std::vector<std::string> parts[2];
        for (const std::int64_t size : sizes) parts[0].push_back(wide(size));
        for (const std::int64_t stride : strides) parts[1].push_back(wide(stride));
        return rebuild(four_floats(), wide(offset), tuple(parts[0]), tuple(parts[1]));
    };
    for (const std::string& lie : {view(kLargest, {1}, {1}), view(kLargest - 3, {4}, {1}), view(0, {2}, {kLargest}),
                                   view(0, {3, 3}, {kHuge, kHuge}), view(kHuge, {2}, {kHuge}), view(0, {5}, {kHuge}),
                                   view(0, {kHuge, 4}, {0, 0}), view(0, {kHuge, 8}, {1, 1}), view(4, {1}, {1}),
                                   view(1, {4}, {1}), view(0, {2, 2}, {2, 2})}) {
        expect_tensor_refused(lie, "reaches beyond");
    }
    // Without elements nothing is reached, wherever the view begins.
    const auto file = open_pickle(with_tensor(view(0, {0, kLargest}, {kLargest, 1})), {std::string(16, '\0')});
    EXPECT_TRUE(file.read_f32(*file.model().parameter("w"), "w").empty());
}

// Rule: an entry has exactly the bytes that the reference to its storage says.
TEST_F(PickleRules, StorageSizesMustBeExact) {
    const auto claims = [](std::int64_t count) {
        return persistent(
            tuple({text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), wide(count)}));
    };
    for (const std::int64_t count :
         {std::int64_t{3}, std::int64_t{5}, std::int64_t{1} << 62, std::int64_t{0x7FFFFFFFFFFFFFFF}})
        expect_tensor_refused(tensor(claims(count), {1}, {1}), "holds 16 bytes");
    expect_tensor_refused(tensor(four_floats(), {1}, {1}), "holds 17 bytes", std::string(17, '\0'));
    expect_tensor_refused(tensor(four_floats(), {1}, {1}), "holds 15 bytes", std::string(15, '\0'));
}

// Rule: a view has no more elements than its storage, so strides of 0 cannot unfold it.
TEST_F(PickleRules, OverlappingViewsDoNotExpand) {
    expect_tensor_refused(tensor(four_floats(), {5}, {0}), "its storage '0' only 4");
    expect_tensor_refused(tensor(four_floats(), {3, 2}, {1, 1}), "its storage '0' only 4");
}

// Rule: a total for the tensors: one storage under many names would take as much memory for each.
TEST_F(PickleRules, TensorsAreLimitedAllTogether) {
    const std::string data(4U << 20U, '\0');
    Pairs many;
    const std::string view = tensor(storage("0", "HalfStorage", 1 << 21), {1 << 21}, {1});
    for (int i = 0; i < 100; ++i) many.emplace_back("w" + std::to_string(i), view);
    expect_pickle_refused(named({{"model", detection_model({.parameters = many})}}), ErrorCode::LimitExceeded,
                          "many times the file's size", {data});
    many.resize(3);
    EXPECT_NO_THROW(open_pickle(named({{"model", detection_model({.parameters = many})}}), {data}));
}

// Rule: weights are finite in every type that has other values.
TEST_F(PickleRules, WeightsAreFinite) {
    const auto refused = [&](const char* type, const std::string& data) {
        const auto file = open_pickle(with_tensor(tensor(storage("0", type, 1), {1}, {1})), {data});
        EXPECT_THROW(file.read_f32(*file.model().parameter("w"), "w"), Error) << type;
    };
    for (const unsigned half : {0x7C00U, 0xFC00U, 0x7C01U, 0x7FFFU})
        refused("HalfStorage", little(static_cast<std::uint16_t>(half)));
    for (const unsigned half : {0x7F80U, 0xFF80U, 0x7FC0U})
        refused("BFloat16Storage", little(static_cast<std::uint16_t>(half)));
    for (const float value : {INFINITY, -INFINITY, NAN}) refused("FloatStorage", little(value));
    for (const double value : {1e39, -1e300, static_cast<double>(INFINITY), static_cast<double>(NAN)})
        refused("DoubleStorage", little(value));
}

// Rule: names that run code, open files or connections, or load other pickles are a sign of malice and refused.
TEST_F(PickleRules, EveryDangerousGlobalIsRefused) {
    const Pairs names{{"os", "system"},
                      {"os", "popen"},
                      {"os.path", "join"},
                      {"posix", "system"},
                      {"nt", "system"},
                      {"sys", "exit"},
                      {"subprocess", "Popen"},
                      {"subprocess", "check_output"},
                      {"_posixsubprocess", "fork_exec"},
                      {"runpy", "_run_code"},
                      {"socket", "create_connection"},
                      {"shutil", "rmtree"},
                      {"importlib", "import_module"},
                      {"importlib._bootstrap", "_load"},
                      {"imp", "load_source"},
                      {"pty", "spawn"},
                      {"commands", "getoutput"},
                      {"popen2", "popen2"},
                      {"ctypes", "CDLL"},
                      {"cffi", "FFI"},
                      {"pdb", "run"},
                      {"bdb", "Bdb.run"},
                      {"code", "InteractiveInterpreter.runcode"},
                      {"codeop", "compile_command"},
                      {"webbrowser", "open"},
                      {"pip", "main"},
                      {"pip._internal", "main"},
                      {"ensurepip", "_run_pip"},
                      {"venv", "create"},
                      {"setuptools", "setup"},
                      {"distutils.core", "setup"},
                      {"builtins", "eval"},
                      {"builtins", "exec"},
                      {"builtins", "compile"},
                      {"builtins", "open"},
                      {"builtins", "__import__"},
                      {"builtins", "breakpoint"},
                      {"builtins", "eval.__call__"},
                      {"__builtin__", "eval"},
                      {"__builtin__", "execfile"},
                      {"__builtin__", "apply"},
                      {"__builtin__", "file"},
                      {"__builtins__", "exec"},
                      {"builtins", "setattr"},
                      {"builtins", "globals"},
                      {"builtins", "input"},
                      {"io", "open"},
                      {"_io", "FileIO"},
                      {"requests", "get"},
                      {"requests.api", "get"},
                      {"aiohttp.client", "ClientSession"},
                      {"httplib", "HTTPSConnection"},
                      {"http.client", "HTTPSConnection"},
                      {"urllib.request", "urlopen"},
                      {"urllib2", "urlopen"},
                      {"ftplib", "FTP"},
                      {"smtplib", "SMTP"},
                      {"telnetlib", "Telnet"},
                      {"ssl", "wrap_socket"},
                      {"xmlrpc.client", "ServerProxy"},
                      {"asyncio", "run"},
                      {"multiprocessing", "Process"},
                      {"pickle", "loads"},
                      {"_pickle", "loads"},
                      {"marshal", "loads"},
                      {"shelve", "open"},
                      {"joblib", "load"},
                      {"dill", "loads"},
                      {"cloudpickle", "loads"},
                      {"torch", "load"},
                      {"torch.hub", "load"},
                      {"torch.jit", "load"},
                      {"torch.storage", "_load_from_bytes"},
                      {"torch.serialization", "load"},
                      {"torch.utils.cpp_extension", "load"},
                      {"torch.utils._config_module", "ConfigModule.load_config"},
                      {"torch.utils.collect_env", "run"},
                      {"numpy.testing._private.utils", "runstring"},
                      {"numpy.f2py.crackfortran", "getlincoef"},
                      {"numpy", "load"},
                      {"operator", "attrgetter"},
                      {"operator", "methodcaller"},
                      {"_operator", "attrgetter"},
                      {"types", "FunctionType"},
                      {"types", "CodeType"},
                      {"timeit", "timeit"},
                      {"trace", "Trace.run"},
                      {"profile", "Profile.run"},
                      {"cProfile", "runctx"},
                      {"doctest", "debug_script"},
                      {"pydoc", "pipepager"},
                      {"idlelib.run", "Executive"},
                      {"lib2to3.pgen2.pgen", "ParserGenerator"},
                      {"pkgutil", "resolve_name"},
                      {"zipimport", "zipimporter"},
                      {"logging.config", "_resolve"},
                      {"winreg", "SetValue"},
                      {"site", "main"}};
    for (const auto& [module_name, name] : names) {
        EXPECT_TRUE(checkpoint::is_hostile(module_name, name)) << module_name << '.' << name;
        // Named is enough: it need not be called, and it need not be part of the network.
        for (const std::string& use : {global(module_name, name), reduce(global(module_name, name), {text("x")}),
                                       new_object(global(module_name, name))}) {
            expect_pickle_refused(with_value(use), ErrorCode::UnsupportedFile, module_name + "." + name);
        }
    }
}

// Rule: what genuine checkpoints name, and names that only look alike, are not refused.
TEST_F(PickleRules, HarmlessGlobalsAreNotRefused) {
    for (const auto& [module_name, name] : Pairs{{"__builtin__", "set"},
                                                 {"__builtin__", "getattr"},
                                                 {"builtins", "slice"},
                                                 {"collections", "OrderedDict"},
                                                 {"torch", "Size"},
                                                 {"torch", "device"},
                                                 {"torch._utils", "_rebuild_tensor_v2"},
                                                 {"pathlib", "PosixPath"},
                                                 {"functools", "partial"},
                                                 {"_codecs", "encode"},
                                                 {"datetime", "datetime"},
                                                 {"types", "SimpleNamespace"},
                                                 {"numpy.core.multiarray", "scalar"},
                                                 {"numpy", "dtype"},
                                                 {"dill._dill", "_load_type"},
                                                 {"ossia", "system"},
                                                 {"my.os", "system"},
                                                 {"codecs", "encode"},
                                                 {"ultralytics.nn.tasks", "DetectionModel"}}) {
        EXPECT_FALSE(checkpoint::is_hostile(module_name, name)) << module_name << '.' << name;
        EXPECT_NO_THROW(open_pickle(with_value(global(module_name, name))));
    }
}

// Rule: text is UTF-8, in which Python also writes lone surrogates; other bytes Python would refuse, and so do we.
TEST_F(PickleRules, TextThatIsNotUtf8IsRefused) {
    for (const std::string& bad : {"\xff"s, "a\x80"s, "\xc0\xaf"s, "\xed\xa0"s, "\xf4\x90\x80\x80"s}) {
        expect_pickle_refused(text(bad), ErrorCode::CorruptFile, "not UTF-8");
        expect_pickle_refused(global("a", bad), ErrorCode::CorruptFile, "not UTF-8");
        expect_pickle_refused(global(bad, "a"), ErrorCode::CorruptFile, "not UTF-8");
    }
    for (const std::string& good : {"\xed\xa0\x80"s, "na\xc3\xafve \xe7\x8c\xab"s, "\xf0\x9f\x90\x88"s, "\0"s})
        EXPECT_EQ(*open_pickle(with_value(text(good))).metadata("value")->as_string(), good);
}

// Rule: text of the file is escaped before anybody prints it.
TEST_F(PickleRules, HostileTextIsEscaped) {
    const std::string evil = "\x1b]0;owned\x07\r\n\xc2\x9b\xed\xa0\x80";
    const auto error = refusal(archive(pickle(named({{"model", reduce(global("a" + "\x1b[2J"s, "b"), {})}}))).bytes());
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(std::string(error->what()).find('\x1b'), std::string::npos);
    const std::string shown = open_pickle(with_value(list({text(evil)}))).metadata("value")->to_text();
    for (const char c : shown) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << shown;
}

}  // namespace
}  // namespace yolovino::test::forge
