#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "checkpoint/checkpoint.hpp"
#include "container/zip_reader.hpp"
#include "engine/model/checkpoint_info.hpp"
#include "support/forge_zip.hpp"
#include "support/shared.hpp"

/// Layers, parameters, and GFLOPs of the packaged networks of all families, before and after fusing.
namespace yolovino {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kCounts = YOLOVINO_SOURCE_DIR "/tests/golden/counts";
constexpr std::uint64_t kMostBytes = 64 << 20;

json read_index() {
    std::ifstream stream(kCounts / "networks.json");
    return json::parse(stream);
}

/// The recorded networks have one storage of zeros for all weights. A file that holds less than its tensors is refused,
/// so the written one is filled up.
fs::path unpack(const std::string& name, const json& entry, const fs::path& folder) {
    const base::RandomAccessFile archive(kCounts / "networks.zip");
    const container::ZipReader reader(archive, container::ZipReader::Kind::Appended);
    test::forge::Zip out;
    for (const container::ZipEntry& part : reader.entries()) {
        if (!part.name.starts_with(name + "/")) continue;
        const auto bytes = reader.read(part, kMostBytes);
        out.entries.push_back({part.name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())});
    }
    for (const auto& [part, bytes] : entry.at("zeros").items())
        out.entries.push_back({name + "/" + part, std::string(bytes.get<std::size_t>(), '\0')});
    out.entries.push_back({name + "/byteorder", "little"});
    out.entries.push_back({name + "/filling", std::string(entry.at("info")[1].get<std::size_t>(), '\0')});
    const fs::path file = folder / (name + ".pt");
    std::ofstream(file, std::ios::binary) << out.bytes();
    return file;
}

std::vector<std::string> names() {
    std::vector<std::string> names;
    const json index = read_index();
    for (const auto& [name, entry] : index.items()) names.push_back(name);
    return names;
}

class PackagedNetworks : public testing::TestWithParam<std::string> {};

TEST_P(PackagedNetworks, AreCountedAsUltralyticsDoes) {
    const json entry = read_index().at(GetParam());
    const test::TempFolder folder;
    const ModelInfo info =
        engine::describe_checkpoint(checkpoint::Checkpoint::open(unpack(GetParam(), entry, folder.path())), {});
    const auto counts = [](int layers, std::uint64_t parameters, double gflops) {
        return fmt::format("{} layers, {} parameters, {:.1f} GFLOPs", layers, parameters, gflops);
    };
    const auto recorded = [&](const char* form) {
        const json& each = entry.at(form);
        return counts(each[0].get<int>(), each[1].get<std::uint64_t>(), each[2].get<double>());
    };
    EXPECT_EQ(counts(info.layers, info.parameters, info.gflops), recorded("info"));
    EXPECT_EQ(counts(info.fused_layers, info.fused_parameters, info.fused_gflops), recorded("info_fused"));
}

INSTANTIATE_TEST_SUITE_P(Ultralytics, PackagedNetworks, testing::ValuesIn(names()), [](const auto& each) {
    std::string name = each.param;
    std::ranges::replace(name, '-', '_');
    return name;
});

}  // namespace
}  // namespace yolovino
