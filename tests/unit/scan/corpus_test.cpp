#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <string>

#include "yolovino/audit.hpp"

#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using enum NameVerdict;

struct Expected {
    NameVerdict verdict;
    std::string name;  ///< the worst one; empty if there is none
};

/// All files of the corpus. What each does in Python was read off its operations.
const std::map<std::string, Expected> kCorpus = {
    {"bad_pytorch.pt", {Unknown, ""}},  // begins as a PNG
    {"benign0_v0.pkl", {Harmless, ""}},
    {"benign0_v3.pkl", {Harmless, ""}},
    {"benign0_v4.pkl", {Harmless, ""}},
    {"benign_password_protected.zip", {Unknown, ""}},
    {"broken_model.pkl", {Dangerous, "builtins.exec"}},  // the name stands before the break
    {"malicious-invalid-bytes.pkl", {Dangerous, "os.system"}},
    {"malicious0.pkl", {Dangerous, "__builtin__.globals"}},
    {"malicious1.7z", {Dangerous, "builtins.eval"}},  // 7z stores it as it is
    {"malicious1.zip", {Dangerous, "builtins.eval"}},
    {"malicious10.pkl", {Dangerous, "__builtin__.exec"}},
    {"malicious11.pkl", {Dangerous, "os.system"}},
    {"malicious12.pkl", {Dangerous, "operator.attrgetter"}},
    {"malicious13a.pkl", {Dangerous, "pickle.loads"}},
    {"malicious13b.pkl", {Dangerous, "_pickle.loads"}},
    {"malicious14.pkl", {Dangerous, "runpy._run_code"}},
    {"malicious15a.pkl", {Dangerous, "bdb.Bdb"}},
    {"malicious15b.pkl", {Dangerous, "bdb.Bdb.run"}},
    {"malicious16.pkl", {Dangerous, "pip.main"}},
    {"malicious17.pkl", {Dangerous, "torch._inductor.codecache.compile_file"}},
    {"malicious18.pkl", {Dangerous, "pydoc.pipepager"}},
    {"malicious19.pkl", {Dangerous, "torch.serialization.load"}},
    {"malicious1_0x1.zip", {Dangerous, "builtins.eval"}},  // says that it is encrypted, and is not
    {"malicious1_0x20.zip", {Dangerous, "builtins.eval"}},
    {"malicious1_0x40.zip", {Dangerous, "builtins.eval"}},
    {"malicious1_central_directory.zip", {Dangerous, "builtins.eval"}},
    {"malicious1_v0.pkl", {Dangerous, "__builtin__.eval"}},
    {"malicious1_v3.pkl", {Dangerous, "builtins.eval"}},
    {"malicious1_v4.pkl", {Dangerous, "builtins.eval"}},
    {"malicious1_wrong_ext.zip", {Dangerous, "builtins.eval"}},
    {"malicious20.pkl", {Dangerous, "venv.create"}},
    {"malicious2_v0.pkl", {Dangerous, "posix.system"}},
    {"malicious2_v3.pkl", {Dangerous, "posix.system"}},
    {"malicious2_v4.pkl", {Dangerous, "posix.system"}},
    {"malicious3.pkl", {Dangerous, "httplib.HTTPSConnection"}},
    {"malicious4.pickle", {Dangerous, "requests.api.get"}},
    {"malicious5.pickle", {Dangerous, "aiohttp.client.ClientSession"}},
    {"malicious6.pkl", {Dangerous, "requests.api.get"}},  // in the second of two pickles
    {"malicious7.pkl", {Dangerous, "socket.create_connection"}},
    {"malicious8.pkl", {Dangerous, "subprocess.run"}},
    {"malicious9.pkl", {Dangerous, "sys.exit"}},
    {"new_pytorch_model.bin", {Harmless, "torch._utils._rebuild_tensor_v2"}},
    {"not_a_pickle.bin", {Unknown, "mod.\xf8"}},
    {"pytorch_magic_bypass.pt", {Dangerous, "__builtin__.eval"}},
    {"pytorch_model.bin", {Harmless, "collections.OrderedDict"}},
    {"sys_module_override_sploit.pkl", {Dangerous, "torch._utils"}},  // makes builtins.eval out of replaced names
};

TEST(Corpus, EveryFileGetsItsExpectedVerdict) {
    YOLOVINO_NEEDS_SHARED();
    std::size_t seen = 0;
    for (const auto& entry : fs::directory_iterator(test::shared_dir() / "corpora" / "picklescan")) {
        const std::string file = entry.path().filename();
        if (file == "LICENSE" || file == "PROVENANCE.md") continue;
        ++seen;
        ASSERT_TRUE(kCorpus.contains(file)) << "no verdict is known of " << file;
        const Expected& expected = kCorpus.at(file);
        const AuditReport report = audit(entry.path());
        EXPECT_EQ(report.verdict, expected.verdict) << file;
        const auto is_expected = [&](const AuditedName& each) {
            return each.verdict == report.names.front().verdict && each.module + "." + each.name == expected.name;
        };
        EXPECT_EQ(std::ranges::any_of(report.names, is_expected), !expected.name.empty()) << file;
        EXPECT_FALSE(report.refusal.empty()) << file << " is no checkpoint";
    }
    EXPECT_EQ(seen, kCorpus.size());
}

}  // namespace
}  // namespace yolovino
