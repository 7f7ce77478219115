#include <algorithm>
#include <functional>

#include "base/file.hpp"
#include "container/zip_reader.hpp"
#include "support/forge_checkpoint.hpp"
#include "support/pickle_operations.hpp"
#include "support/samples.hpp"

/// A genuine checkpoint with a payload put in at many places: refused by name where the name is dangerous, and
/// otherwise either refused or inert, without any change to the network.
namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;

/// The operation that a predicate finds first at or behind `from`.
template <typename Predicate>
PickleOperation find_operation(const std::string& stream, Predicate&& wanted) {
    const auto operations = list_operations(stream);
    const auto found = std::ranges::find_if(operations, [&](const PickleOperation& each) {
        return wanted(std::string_view(stream).substr(each.offset), each);
    });
    if (found == operations.end()) throw std::runtime_error("the genuine pickle lacks the place");
    return *found;
}

PickleOperation last_operation(const std::string& stream, char code) {
    const auto operations = list_operations(stream);
    const auto found = std::find_if(operations.rbegin(), operations.rend(),
                                    [&](const PickleOperation& each) { return each.code == code; });
    if (found == operations.rend()) throw std::runtime_error("the genuine pickle lacks the operation");
    return *found;
}

std::string put_before(std::string stream, const PickleOperation& place, const std::string& what) {
    return stream.insert(place.offset, what);
}
std::string put_behind(std::string stream, const PickleOperation& place, const std::string& what) {
    return stream.insert(place.offset + place.size_bytes, what);
}

/// The text that is the first key of a filled dict of its kind.
PickleOperation key_of(const std::string& stream, const std::string& key) {
    return find_operation(stream, [&](std::string_view rest, const PickleOperation& each) {
        return each.code == 'X' && rest.substr(5, each.size_bytes - 5) == key;
    });
}

/// A pair before the first key of a dict, whether the dict is filled by SETITEM or by SETITEMS.
std::string put_pair_before(const std::string& stream, const PickleOperation& key, const std::string& pair) {
    char before = 0;
    for (const PickleOperation& each : list_operations(stream)) {
        if (each.offset >= key.offset) break;
        if (each.code != 'q' && each.code != 'r') before = each.code;
    }
    return put_before(stream, key, before == '(' ? pair : pair + "s");
}

PickleOperation first_of(const std::string& stream, char code) {
    return find_operation(stream, [&](std::string_view, const PickleOperation& each) { return each.code == code; });
}

struct Place {
    std::string name;
    std::function<std::string(const std::string& stream, const std::string& payload)> inject;
    std::optional<ErrorCode> refused;  ///< what opening answers to an unknown, harmless name; nothing: it opens
};

const std::vector<Place>& places() {
    static const std::vector<Place> kPlaces{
        {"before everything, popped",
         [](const auto& s, const auto& p) { return put_behind(s, first_of(s, '\x80'), p + "0"); },
         ErrorCode::CorruptFile},
        {"before everything, left", [](const auto& s, const auto& p) { return put_behind(s, first_of(s, '\x80'), p); },
         ErrorCode::CorruptFile},
        {"behind everything", [](const auto& s, const auto& p) { return put_before(s, last_operation(s, '.'), p); },
         ErrorCode::CorruptFile},
        {"a pickle behind STOP", [](const auto& s, const auto& p) { return s + pickle(p); }, ErrorCode::CorruptFile},
        {"value of the top",
         [](const auto& s, const auto& p) { return put_before(s, last_operation(s, 'u'), text("x") + p); },
         std::nullopt},
        {"key of the top",
         [](const auto& s, const auto& p) { return put_before(s, last_operation(s, 'u'), p + none()); }, std::nullopt},
        {"persistent id",
         [](const auto& s, const auto& p) { return put_before(s, last_operation(s, 'u'), text("x") + persistent(p)); },
         std::nullopt},
        {"callable of a call",
         [](const auto& s, const auto& p) { return put_before(s, last_operation(s, 'u'), text("x") + p + ")R"); },
         std::nullopt},
        {"element of a list", [](const auto& s, const auto& p) { return put_before(s, first_of(s, 'e'), p); },
         std::nullopt},
        {"attribute of a module",
         [](const auto& s, const auto& p) { return put_before(s, first_of(s, 'b'), "(" + text("x") + p + "u"); },
         std::nullopt},
        {"second state of an object",
         [](const auto& s, const auto& p) { return put_behind(s, first_of(s, 'b'), p + "b"); }, ErrorCode::CorruptFile},
        {"child of a module",
         [](const auto& s, const auto& p) { return put_pair_before(s, key_of(s, "0"), text("x") + p); },
         ErrorCode::UnsupportedModel},
        {"parameter of a module",
         [](const auto& s, const auto& p) { return put_pair_before(s, key_of(s, "weight"), text("x") + p); },
         ErrorCode::CorruptFile},
        {"argument of a tensor",
         [](const auto& s, const auto& p) {
             return put_before(
                 s, find_operation(s, [](std::string_view, const PickleOperation& each) { return each.code == 'Q'; }),
                 p + "\x86");
         },
         ErrorCode::CorruptFile},
    };
    return kPlaces;
}

void describe(const checkpoint::Module& module, std::string& out) {
    out += module.path + ':' + module.class_path();
    for (const auto& [name, tensor] : module.parameters)
        out += ' ' + name + '=' + (tensor ? tensor->storage_key : std::string("None"));
    out += '\n';
    for (const auto& [name, child] : module.children) describe(*child, out);
}
std::string describe(const checkpoint::Checkpoint& file) {
    std::string out;
    describe(file.model(), out);
    return out;
}

class Injection : public CheckpointTest {
protected:
    /// The sample of the repository as an archive to be changed.
    Injection() {
        const base::RandomAccessFile file(kSample);
        const container::ZipReader zip(file);
        for (const container::ZipEntry& entry : zip.entries()) {
            const auto bytes = zip.read(entry, 1U << 24U);
            genuine_.entries.push_back(
                {.name = entry.name, .data = {reinterpret_cast<const char*>(bytes.data()), bytes.size()}});
        }
    }
    std::string& pickle_of(Zip& zip) const {
        const auto found =
            std::ranges::find_if(zip.entries, [](const Entry& e) { return e.name.ends_with("/data.pkl"); });
        return found->data;
    }
    Zip injected(const Place& place, const std::string& payload) {
        Zip zip = genuine_;
        pickle_of(zip) = place.inject(pickle_of(zip), payload);
        return zip;
    }

    Zip genuine_;
};

TEST_F(Injection, GenuineCheckpointIsReadThroughTheForge) {
    const auto file = open_bytes(genuine_.bytes());
    EXPECT_EQ(describe(file), describe(checkpoint::Checkpoint::open(kSample)));
    EXPECT_GT(describe(file).size(), 5'000U);
}

// Rule: a file that names a dangerous function anywhere is refused by that name.
TEST_F(Injection, DangerousPayloadIsRefusedEverywhere) {
    ASSERT_GE(places().size(), 10U);
    for (const Place& place : places()) {
        const auto error = refusal(injected(place, reduce(global("posix", "system"), {text("id")})).bytes());
        ASSERT_TRUE(error.has_value()) << place.name;
        // Bytes behind STOP are never looked at, whatever they hold.
        const bool behind = place.name == "a pickle behind STOP";
        EXPECT_EQ(error->code(), behind ? ErrorCode::CorruptFile : ErrorCode::UnsupportedFile) << place.name;
        EXPECT_EQ(error->message().find("posix.system") != std::string::npos, !behind) << place.name << error->what();
    }
}

// Rule: nothing is ever called: an unknown call is refused where the network needs the place, and inert elsewhere.
TEST_F(Injection, UnknownPayloadIsInertOrRefused) {
    const std::string expected = describe(open_bytes(genuine_.bytes()));
    for (const Place& place : places()) {
        const std::string bytes = injected(place, reduce(global("very.new", "attack"), {text("id")})).bytes();
        if (!place.refused) {
            try {
                EXPECT_EQ(describe(open_bytes(bytes)), expected) << place.name;
            } catch (const Error& error) {
                ADD_FAILURE() << place.name << ": " << error.what();
            }
            continue;
        }
        const auto error = refusal(bytes);
        ASSERT_TRUE(error.has_value()) << place.name;
        EXPECT_EQ(error->code(), *place.refused) << place.name << ": " << error->what();
    }
}

// Rule: only one pickle counts; one that hides under a second name is refused or never read.
TEST_F(Injection, PayloadsInOtherEntriesAreNotRead) {
    const std::string payload = pickle(reduce(global("posix", "system"), {text("id")}));
    for (const char* name : {"evil/data.pkl", "shapes/../data.pkl", "data.pkl"}) {
        Zip zip = genuine_;
        zip.entries.push_back({.name = name, .data = payload});
        EXPECT_TRUE(refusal(zip.bytes()).has_value()) << name;
    }
    Zip zip = genuine_;
    const std::string root = zip.entries.front().name.substr(0, zip.entries.front().name.find('/'));
    zip.entries.push_back({.name = root + "/extra.pkl", .data = payload});
    EXPECT_NO_THROW(open_bytes(zip.bytes()));
}

}  // namespace
}  // namespace yolovino::test::forge
