#include "support/forge_checkpoint.hpp"
#include "support/repickle.hpp"
#include "support/samples.hpp"

/// Checkpoints in the other ways in which torch.save and packers write them: what they hold is the same.
namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;
using checkpoint::Module;

class Protocols : public CheckpointTest {
protected:
    /// Same modules, attributes, metadata, and elements.
    static void expect_same(const checkpoint::Checkpoint& a, const checkpoint::Checkpoint& b) {
        ASSERT_EQ(a.metadata().size(), b.metadata().size());
        for (std::size_t i = 0; i < a.metadata().size(); ++i) {
            EXPECT_EQ(a.metadata()[i].key.to_text(), b.metadata()[i].key.to_text());
            EXPECT_EQ(a.metadata()[i].value.to_text(), b.metadata()[i].value.to_text());
        }
        std::size_t tensors = 0;
        std::vector<std::pair<const Module*, const Module*>> left{{&a.model(), &b.model()}};
        while (!left.empty()) {
            const auto [x, y] = left.back();
            left.pop_back();
            ASSERT_EQ(x->class_path(), y->class_path());
            ASSERT_EQ(x->children.size(), y->children.size());
            ASSERT_EQ(x->attributes.size(), y->attributes.size());
            for (std::size_t i = 0; i < x->attributes.size(); ++i) {
                // The set of buffers that are not saved is the only one; it is of another class in protocol 4.
                EXPECT_EQ(x->attributes[i].second.to_text(), y->attributes[i].second.to_text()) << x->path;
            }
            for (const auto list : {&Module::parameters, &Module::buffers}) {
                ASSERT_EQ((x->*list).size(), (y->*list).size());
                for (std::size_t i = 0; i < (x->*list).size(); ++i) {
                    const auto& [name, ours] = (x->*list)[i];
                    const auto& theirs = (y->*list)[i].second;
                    ASSERT_EQ(ours.has_value(), theirs.has_value()) << name;
                    if (!ours) continue;
                    ++tensors;
                    ASSERT_EQ(a.read_f32(*ours, name), b.read_f32(*theirs, name)) << x->path << ' ' << name;
                }
            }
            for (std::size_t i = 0; i < x->children.size(); ++i)
                left.emplace_back(x->children[i].second.get(), y->children[i].second.get());
        }
        EXPECT_GT(tensors, 200U);
    }
    void expect_sample(const std::string& bytes) {
        expect_same(checkpoint::Checkpoint::open(kSample), open_bytes(bytes));
    }
    /// Nothing but `value` under a key beside a model.
    std::string read_value(int protocol, const std::string& value) {
        const std::string all = named({{"value", value}, {"model", detection_model()}});
        const auto file = open_bytes(archive(pickle_of_protocol(protocol, all)).bytes());
        return file.metadata("value")->to_text();
    }
    void expect_value_refused(int protocol, const std::string& value, ErrorCode code, const std::string& words) {
        expect_refused(archive(pickle_of_protocol(protocol, named({{"value", value}}))).bytes(), code, words);
    }
};

TEST_F(Protocols, AllHoldTheSame) {
    const SavedParts parts = parts_of(kSample);
    expect_sample(archive_of(parts).bytes());
    for (const int protocol : {3, 4, 5}) {
        SavedParts other = parts;
        other.pickle = as_protocol(protocol, parts.pickle);
        ASSERT_NE(other.pickle, parts.pickle);
        expect_sample(archive_of(other).bytes());
    }
}

TEST_F(Protocols, PackedArchivesHoldTheSame) {
    const SavedParts parts = parts_of(kSample);
    const std::string packed = archive_of(parts, true).bytes();
    EXPECT_LT(packed.size(), archive_of(parts).bytes().size());
    expect_sample(packed);
    Zip zip = archive_of(parts, true);
    zip.entries.insert(zip.entries.begin(), {.name = "best/data/", .data = ""});
    zip.entries.insert(zip.entries.begin(), {.name = "best/", .data = ""});
    expect_sample(zip.bytes());
}

TEST_F(Protocols, LegacyFilesHoldTheSame) {
    const SavedParts parts = parts_of(kSample);
    expect_sample(as_legacy(parts));
}

// Rule: what unpacks to many times the file is refused before it is unpacked, and what unpacks to something else, too.
TEST_F(Protocols, PackedBombsAreRefused) {
    Zip zip = archive(pickle(minimal_pickle()));
    for (int i = 0; i < 4; ++i)
        zip.entries.push_back(
            {.name = "best/data/" + std::to_string(i), .data = std::string(5U << 20U, '\0'), .packed = true});
    expect_refused(zip.bytes(), ErrorCode::LimitExceeded, "unpacks to more than");
    Zip lying = archive(pickle(minimal_pickle()));
    lying.entries[0].packed = true;
    EXPECT_NO_THROW(open_bytes(lying.bytes()));
    lying.entries[0].expanded_error = 1 << 20;
    expect_refused(lying.bytes(), ErrorCode::CorruptFile, "cannot be unpacked");
    lying.entries[0].expanded_error = -1;
    expect_refused(lying.bytes(), ErrorCode::CorruptFile, "cannot be unpacked");
    lying.entries[0].expanded_error = 0;
    lying.entries[0].crc_error = 1;
    expect_refused(lying.bytes(), ErrorCode::CorruptFile, "CRC-32");
}

// Rule: a packed storage that many tensors share is unpacked once.
TEST_F(Protocols, PackedStoragesMayBeShared) {
    std::string data;
    for (int i = 0; i < 64; ++i) data += little(static_cast<float>(i));
    Pairs parameters;
    for (int i = 0; i < 8; ++i)
        parameters.emplace_back("w" + std::to_string(i), tensor(storage("0", "FloatStorage", 64), {8}, {1}, 8 * i));
    Zip zip = archive(pickle(named({{"model", detection_model({.parameters = parameters})}})), {data});
    for (Entry& entry : zip.entries) entry.packed = true;
    const auto file = open_bytes(zip.bytes());
    for (int i = 0; i < 8; ++i) {
        const auto values = file.read_f32(*file.model().parameter("w" + std::to_string(i)), "w");
        ASSERT_EQ(values.size(), 8U);
        EXPECT_EQ(values.front(), static_cast<float>(8 * i));
    }
}

TEST_F(Protocols, NewerOperationsAreRead) {
    EXPECT_EQ(read_value(3, tuple({bytes("ab"), short_bytes("\xff"), bytes("")})), R"((b'ab', b'\xff', b''))");
    EXPECT_EQ(read_value(4, "\x8d" + little(std::uint64_t{3}) + "abc"), "abc");
    EXPECT_EQ(read_value(4, "\x8e" + little(std::uint64_t{3}) + "abc"), "b'abc'");
    EXPECT_EQ(read_value(4, "\x8f(" + integer(1) + integer(2) + "\x90"), "[1, 2]");
    EXPECT_EQ(read_value(4, "(" + integer(1) + integer(2) + "\x91"), "[1, 2]");
    EXPECT_EQ(read_value(4, list({short_text("x") + memoize(), "h\0"s})), "['x', 'x']");
    EXPECT_EQ(read_value(5, byte_array("abc")), "b'abc'");
    EXPECT_EQ(read_value(4, stack_global("torch", "float32")), "<torch.float32>");
    EXPECT_EQ(read_value(4, stack_global("a", "B.C") + ")}\x92"), "<a.B.C>");
    EXPECT_EQ(read_value(4, stack_global("a", "B") + ")" + named({{"k", integer(1)}}) + "\x92"), "<a.B>");
    EXPECT_EQ(read_value(4, reduce(stack_global("pathlib", "PosixPath"), {short_text("a"), short_text("b")})), "a/b");
}

TEST_F(Protocols, NewerOperationsAreHeldToTheRules) {
    expect_value_refused(4, integer(1) + short_text("b") + "\x93", ErrorCode::CorruptFile, "is not text");
    expect_value_refused(4, short_text("a") + none() + "\x93", ErrorCode::CorruptFile, "is not text");
    expect_value_refused(4, text(std::string(257, 'a')) + short_text("b") + "\x93", ErrorCode::CorruptFile,
                         "longer than 256");
    expect_value_refused(4, short_text("a\nb") + short_text("b") + "\x93", ErrorCode::CorruptFile, "line end");
    expect_value_refused(4, short_text("") + short_text("b") + "\x93", ErrorCode::CorruptFile, "without a name");
    expect_value_refused(4, "]("s + integer(1) + "\x90", ErrorCode::CorruptFile, "not a set");
    expect_value_refused(4, stack_global("a", "b") + "))\x92", ErrorCode::CorruptFile, "not a tuple and a dict");
    expect_value_refused(4, stack_global("a", "b") + "}}\x92", ErrorCode::CorruptFile, "not a tuple and a dict");
    expect_value_refused(4, short_text("\xff"), ErrorCode::CorruptFile, "not UTF-8");
    for (const std::uint64_t length : {std::uint64_t{1} << 40U, ~std::uint64_t{0}}) {
        for (const char* code : {"\x8d", "\x8e", "\x96"})
            expect_value_refused(5, code + little(length), ErrorCode::CorruptFile, "ends within a value");
        expect_value_refused(4, "\x95" + little(length), ErrorCode::CorruptFile, "frame of");
    }
    expect_stream_refused("\x80\x04\x94.", ErrorCode::CorruptFile, "empty stack");
}

// Rule: from protocol 4 on, Python follows the dots of a name, so each part may lead to harm.
TEST_F(Protocols, HostileNamesAreRefused) {
    for (const auto& [module, name] : Pairs{{"os", "system"},
                                            {"builtins", "eval"},
                                            {"torch", "os.system"},
                                            {"torch", "hub.os.system"},
                                            {"collections", "abc.sys.modules"},
                                            {"a", "f.__globals__"},
                                            {"a", "__class__.__base__"},
                                            {"a", "b.c.d.e.f.g.h.i.j.k"}}) {
        expect_value_refused(4, stack_global(module, name), ErrorCode::UnsupportedFile, "may be an attack");
        expect_value_refused(5, global(module, name), ErrorCode::UnsupportedFile, "may be an attack");
    }
    EXPECT_EQ(read_value(2, global("torch", "hub.os.system")), "<torch.hub.os.system>") << "no name of protocol 2";
}

/// A legacy file of one tensor, or with what is set wrong.
struct Legacy {
    std::string head = legacy_head();
    std::string id_end = none();
    std::string keys = list({text("7")});
    std::string type = "FloatStorage";
    std::uint64_t count = 2;
    std::string data = little(1.0F) + little(2.0F);
    std::string before_model = {};

    std::string bytes() const {
        const std::string id =
            persistent(tuple({text("storage"), global("torch", type), text("7"), text("cpu"), integer(2), id_end}));
        const std::string model = detection_model({.parameters = {{"w", tensor(id, {2}, {1})}}});
        return head + pickle(named({{"x", before_model.empty() ? none() : before_model}, {"model", model}})) +
               pickle(keys) + little(count) + data;
    }
};

TEST_F(Protocols, LegacyFilesAreHeldToTheRules) {
    const auto file = open_bytes(Legacy{}.bytes());
    EXPECT_EQ(file.read_f32(*file.model().parameter("w"), "w"), (std::vector<float>{1, 2}));
    expect_refused(Legacy{.head = legacy_head(integer(1002))}.bytes(), ErrorCode::UnsupportedFile, "another version");
    expect_refused(Legacy{.head = legacy_head(integer(1001), false)}.bytes(), ErrorCode::UnsupportedFile, "byte order");
    expect_refused(Legacy{.keys = text("7")}.bytes(), ErrorCode::CorruptFile, "no list");
    expect_refused(Legacy{.keys = list({text("8")})}.bytes(), ErrorCode::CorruptFile, "of no known type");
    expect_refused(Legacy{.keys = list({integer(7)})}.bytes(), ErrorCode::CorruptFile, "of no known type");
    expect_refused(Legacy{.keys = list({})}.bytes(), ErrorCode::CorruptFile, "bytes follow the last storage");
    expect_refused(
        Legacy{.keys = list({text("7"), text("7")}), .data = Legacy{}.data + little(std::uint64_t{0})}.bytes(),
        ErrorCode::CorruptFile, "two storages have the number");
    expect_refused(Legacy{.count = 1}.bytes(), ErrorCode::CorruptFile, "bytes follow the last storage");
    for (const std::uint64_t count : {std::uint64_t{3}, std::uint64_t{1} << 62U, ~std::uint64_t{0}})
        expect_refused(Legacy{.count = count}.bytes(), ErrorCode::CorruptFile, "the file ends before");
    expect_refused(Legacy{.type = "StrangeStorage"}.bytes(), ErrorCode::CorruptFile, "of no known type");
    expect_refused(Legacy{.before_model = global("os", "system")}.bytes(), ErrorCode::UnsupportedFile,
                   "may be an attack");
    expect_refused(
        Legacy{.before_model = persistent(tuple({text("module"), global("os", "system"), none(), none()}))}.bytes(),
        ErrorCode::UnsupportedFile, "may be an attack");
    const std::string whole = Legacy{}.bytes();
    for (std::size_t cut = 20; cut < whole.size(); ++cut) {
        const auto error = refusal(whole.substr(0, cut));
        ASSERT_TRUE(error) << cut;
        EXPECT_EQ(error->code(), ErrorCode::CorruptFile) << cut << ' ' << error->what();
    }
}

// Rule: in an archive a persistent id stands for a storage only.
TEST_F(Protocols, ClassesByIdAreOfLegacyFilesOnly) {
    const std::string id = persistent(tuple({text("module"), global("a", "B"), text("f"), text("s")}));
    expect_pickle_refused(named({{"model", build(new_object(id), named({}))}}), ErrorCode::CorruptFile,
                          "class of an object is not a name");
}

TEST_F(Protocols, OlderOnesSayHowToSaveTheFileAgain) {
    expect_stream_refused("]q\0."s, ErrorCode::UnsupportedFile, "torch.save(torch.load(FILE, ");
    expect_stream_refused("\x80\x06N.", ErrorCode::UnsupportedFile, "pickle is not of protocol 2 to 5");
    std::string tar(600, '\0');
    tar.replace(257, 5, "ustar");
    expect_refused(tar, ErrorCode::UnsupportedFile, "import torch; torch.save(torch.load(FILE, ");
    expect_refused("\x80\x04N.", ErrorCode::UnsupportedFile, "torch.save(pickle.load(open(FILE, 'rb')), FILE)");
}

}  // namespace
}  // namespace yolovino::test::forge
