#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/files.hpp"
#include "support/forge_zip.hpp"
#include "support/pickle_operations.hpp"
#include "support/read_zip.hpp"

/// Writes what a checkpoint holds in the other ways that torch.save and packers have.
namespace yolovino::test::forge {

/// The pickle of a checkpoint, of protocol 2, and its storages by number.
struct SavedParts {
    std::string pickle;
    std::map<std::string, std::string> storages;
};

/// Follows the directory alone: torch leaves the sizes out of the headers before the entries.
inline SavedParts parts_of(const std::filesystem::path& checkpoint) {
    const std::string bytes = content(checkpoint);
    if (bytes.size() < 22) throw std::runtime_error("no archive");
    SavedParts parts;
    std::size_t at = little_at<std::uint32_t>(bytes, bytes.size() - 6);
    while (bytes.compare(at, 4, "PK\x01\x02") == 0) {
        const std::size_t name_bytes = little_at<std::uint16_t>(bytes, at + 28);
        const std::size_t local = little_at<std::uint32_t>(bytes, at + 42);
        const std::string whole = bytes.substr(at + 46, name_bytes);
        const std::string name = whole.substr(whole.find('/') + 1);
        const std::size_t begin =
            local + 30 + little_at<std::uint16_t>(bytes, local + 26) + little_at<std::uint16_t>(bytes, local + 28);
        const std::string data = bytes.substr(begin, little_at<std::uint32_t>(bytes, at + 24));
        if (name == "data.pkl") parts.pickle = data;
        if (name.starts_with("data/")) parts.storages[name.substr(5)] = data;
        at += 46 + name_bytes + little_at<std::uint16_t>(bytes, at + 30) + little_at<std::uint16_t>(bytes, at + 32);
    }
    if (parts.pickle.empty() || parts.storages.empty()) throw std::runtime_error("no checkpoint");
    return parts;
}

inline Zip archive_of(const SavedParts& parts, bool packed = false) {
    Zip zip{.entries = {{.name = "best/data.pkl", .data = parts.pickle, .packed = packed}}};
    for (const auto& [key, data] : parts.storages)
        zip.entries.push_back({.name = "best/data/" + key, .data = data, .packed = packed});
    zip.entries.push_back({.name = "best/version", .data = "3\n", .packed = packed});
    return zip;
}

/// The operations of a stream of protocol 2 as Python's pickler writes them in a later one.
inline std::string as_protocol(int protocol, const std::string& stream) {
    std::string out;
    for (const PickleOperation& each : list_operations(stream)) {
        const std::string whole = stream.substr(each.offset, each.size_bytes);
        switch (each.code) {
            case '\x80':
            case '.':
                break;
            case 'q':
            case 'r':
                out += protocol >= 4 ? memoize() : whole;
                break;
            case 'X':
                out += protocol >= 4 && whole.size() < 5 + 256 ? short_text(whole.substr(5)) : whole;
                break;
            case 'c': {
                const std::size_t end = whole.find('\n');
                std::string module = whole.substr(1, end - 1);
                if (module == "__builtin__") module = "builtins";
                const std::string name = whole.substr(end + 1, whole.size() - end - 2);
                out += protocol >= 4 ? stack_global(module, name) : global(module, name);
                break;
            }
            default:
                out += whole;
        }
    }
    return pickle_of_protocol(protocol, out);
}

/// The length of each storage in elements, in the order in which the pickle names them.
inline std::vector<std::pair<std::string, std::uint64_t>> storage_counts(const std::string& stream) {
    std::vector<std::pair<std::string, std::uint64_t>> out;
    std::string last_digits;
    std::uint64_t last_number = 0;
    for (const PickleOperation& each : list_operations(stream)) {
        const std::string_view operand = std::string_view(stream).substr(each.offset + 1, each.size_bytes - 1);
        if (each.code == 'X') {
            const std::string text(operand.substr(4));
            if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) last_digits = text;
        } else if (each.code == 'K' || each.code == 'M' || each.code == 'J') {
            last_number = 0;
            for (std::size_t i = operand.size(); i-- > 0;)
                last_number = last_number << 8U | static_cast<unsigned char>(operand[i]);
        } else if (each.code == 'Q') {
            out.emplace_back(last_digits, last_number);
        }
    }
    return out;
}

/// What stands before the object in a legacy file: the magic number, the version, and the machine.
inline std::string legacy_head(const std::string& version = integer(1001), bool little_endian = true) {
    return pickle(long1("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19")) + pickle(version) +
           pickle(named({{"protocol_version", version},
                         {"little_endian", boolean(little_endian)},
                         {"type_sizes", named({{"short", integer(2)}, {"int", integer(4)}, {"long", integer(4)}})}}));
}

/// The stream as in a legacy file: a sixth part of each id, and classes of networks with the source that they have.
inline std::string legacy_stream(const std::string& stream) {
    const std::vector<PickleOperation> operations = list_operations(stream);
    std::string out;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        const PickleOperation& each = operations[i];
        // `( … t put Q`: the tuple of an id.
        const bool ends_id = each.code == 't' && i + 2 < operations.size() &&
                             (operations[i + 1].code == 'Q' || operations[i + 2].code == 'Q');
        const std::string whole = stream.substr(each.offset, each.size_bytes);
        if (each.code == 'c' && whole.find(".nn.") != std::string::npos) {
            out += "(" + text("module") + whole + text("/a/conv.py") + text("class Conv(nn.Module):\n") + "tQ";
        } else {
            out += (ends_id ? none() : "") + whole;
        }
    }
    return out;
}

inline std::string as_legacy(const SavedParts& parts) {
    std::string out = legacy_head() + legacy_stream(parts.pickle);
    std::vector<std::string> keys;
    std::string data;
    for (const auto& [key, count] : storage_counts(parts.pickle)) {
        keys.push_back(text(key));
        data += little(count) + parts.storages.at(key);
    }
    return out + pickle(list(keys)) + data;
}

/// The same stream with another value in place of the class names. What follows numbers its memo slots as before.
inline std::string with_names(const std::string& stream, const std::string& value) {
    const std::size_t key = stream.find(text("names"));
    const std::vector<PickleOperation> operations = list_operations(stream);
    const auto first = std::ranges::find_if(
        operations, [&](const PickleOperation& each) { return each.offset > key && each.code == '}'; });
    const auto last =
        std::find_if(first, operations.end(), [](const PickleOperation& each) { return each.code == 'u'; });
    if (key == std::string::npos || last == operations.end()) throw std::runtime_error("the pickle names no classes");
    std::string puts;
    for (auto each = first; each != last; ++each) {
        if (each->code == 'q' || each->code == 'r') puts += stream.substr(each->offset, each->size_bytes);
    }
    return stream.substr(0, first->offset) + value + puts + stream.substr(last->offset + 1);
}

/// The same stream with the value of `model` between two others: the start of what wraps it, and its end.
inline std::string with_model_within(const std::string& stream, const std::string& before, const std::string& after) {
    const std::size_t key = stream.find(text("model"));
    const std::size_t end = stream.find(text("ema"));
    if (key == std::string::npos || end == std::string::npos) throw std::runtime_error("the pickle holds no model");
    std::size_t begin = key + text("model").size();
    if (stream[begin] == 'q') begin += 2;
    if (stream[begin] == 'r') begin += 5;
    return stream.substr(0, begin) + before + stream.substr(begin, end - begin) + after + stream.substr(end);
}

/// The start and the end of an object whose only part is the value between them.
inline std::pair<std::string, std::string> wrapper(const std::string& package, const std::string& name,
                                                   const std::string& part) {
    return {new_object(global(package, name)) + "}(" + text("_parameters") + "}" + text("_buffers") + "}" +
                text("_modules") + "}(" + text(part),
            "uub"};
}

}  // namespace yolovino::test::forge
