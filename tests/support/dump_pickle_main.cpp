#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/file.hpp"
#include "checkpoint/parse_pickle.hpp"
#include "container/zip_reader.hpp"

namespace {

using nlohmann::json;
using yolovino::checkpoint::Pickle;

/// Bytes as text of the code points 0 to 255, which JSON can hold.
std::string latin1(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0 | code >> 6);
            out += static_cast<char>(0x80 | (code & 0x3F));
        }
    }
    return out;
}

json describe(const Pickle& pickle, Pickle::Index node) {
    using Kind = Pickle::Kind;
    const auto items = [&] { return std::vector<Pickle::Index>(pickle.items(node).begin(), pickle.items(node).end()); };
    switch (pickle.kind(node)) {
        case Kind::None:
            return {"none"};
        case Kind::Bool:
            return {"bool", pickle.boolean(node)};
        case Kind::Int:
            return {"int", pickle.integer(node)};
        case Kind::BigInt:
            return {"bigint"};
        case Kind::Float:
            // By its bits, for JSON has no NaN.
            return {"float", std::bit_cast<std::uint64_t>(pickle.real(node))};
        case Kind::String:
            return {"text", latin1(pickle.text(node))};
        case Kind::Bytes:
            return {"bytes", latin1(pickle.text(node))};
        case Kind::Tuple:
            return {"tuple", items()};
        case Kind::Sequence:
            return {"list", items()};
        case Kind::Mapping:
            return {"dict", items()};
        case Kind::Set:
            return {"set", items()};
        case Kind::Global:
            return {"global", latin1(pickle.global(node).module), latin1(pickle.global(node).name)};
        case Kind::PersistentId:
            return {"id", pickle.persistent_id(node)};
        case Kind::Object:
            break;
    }
    const Pickle::Object& object = pickle.object(node);
    const json state = object.state == Pickle::kNothing ? json() : json(object.state);
    return {"object", object.callable, object.arguments, object.pairs, object.appended, state};
}

/// The pickle of a checkpoint, or the file itself if it is no archive.
std::vector<std::byte> pickle_of(const std::string& path) {
    const yolovino::base::RandomAccessFile file(path);
    const auto head = file.read(0, std::min<std::uint64_t>(file.size_bytes(), 2));
    if (yolovino::base::as_text(head) != "PK") return file.read(0, file.size_bytes());
    const yolovino::container::ZipReader zip(file);
    return zip.read(*zip.find("data.pkl"), 64U << 20U);
}

}  // namespace

/// dump_pickle FILE …: for each file a JSON line {"file", "operations": [[offset, code], …], "root", "nodes": [[kind,
/// …], …]}, where nodes refer to each other by number, or {"file", "refused"}.
int main(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        json line = {{"file", argv[i]}};
        try {
            json operations = json::array();
            const Pickle pickle = yolovino::checkpoint::parse_pickle(pickle_of(argv[i]), argv[i], 0,
                                                                     [&](std::size_t offset, std::uint8_t code) {
                                                                         operations.push_back({offset, code});
                                                                     });
            line["operations"] = std::move(operations);
            line["root"] = pickle.root();
            json nodes = json::array();
            for (std::size_t node = 0; node < pickle.node_count(); ++node)
                nodes.push_back(describe(pickle, static_cast<Pickle::Index>(node)));
            line["nodes"] = std::move(nodes);
        } catch (const std::exception& error) {
            line = {{"file", argv[i]}, {"refused", latin1(error.what())}};
        }
        std::printf("%s\n", line.dump().c_str());
    }
    return argc > 1 ? 0 : 2;
}
