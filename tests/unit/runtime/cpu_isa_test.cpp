#include "runtime/cpu_isa.hpp"

#include <gtest/gtest.h>

namespace yolovino::runtime {
namespace {

/// As Linux describes a Xeon of the fourth generation, shortened.
constexpr std::string_view kWithAmx =
    "\nprocessor\t: 0\nvendor_id\t: GenuineIntel\n"
    "flags\t\t: fpu sse4_2 avx2 avx512f avx512_vnni avx512_bf16 amx_bf16 avx512_fp16 amx_tile amx_int8\n"
    "bugs\t\t: spectre_v1\n";

TEST(CpuIsa, AmxComputesBf16) {
    EXPECT_TRUE(computes_bf16_with_amx(kWithAmx, ""));
    for (const char* limit : {"ALL", "default", "AVX512_CORE_AMX", "avx512_core_amx_fp16", "AVX10_1_512_AMX"})
        EXPECT_TRUE(computes_bf16_with_amx(kWithAmx, limit)) << limit;
}

TEST(CpuIsa, ALimitBelowAmxIsRespected) {
    for (const char* limit : {"AVX2", "avx512_core_vnni", "AVX512_CORE_BF16", "AVX512_CORE_FP16", "SSE41"})
        EXPECT_FALSE(computes_bf16_with_amx(kWithAmx, limit)) << limit;
}

TEST(CpuIsa, OtherCpusDoNotComputeBf16WithAmx) {
    EXPECT_FALSE(computes_bf16_with_amx("\nflags\t\t: fpu avx2 avx512_vnni avx512_bf16 \n", ""));
    EXPECT_FALSE(computes_bf16_with_amx("\nflags\t\t: fpu amx_tile amx_int8\n", "")) << "tiles for 8 bits only";
    EXPECT_FALSE(computes_bf16_with_amx("\nflags\t\t: fpu xamx_bf16 amx_tile\n", "")) << "another word";
    EXPECT_FALSE(computes_bf16_with_amx("\nFeatures\t: fp asimd bf16\n", "")) << "not x86";
    EXPECT_FALSE(computes_bf16_with_amx("", ""));
    EXPECT_FALSE(computes_bf16_with_amx("\nflags", ""));
}

TEST(CpuIsa, VnniIsKnownByItsFlagsAndTheLimit) {
    EXPECT_TRUE(has_vnni(kWithAmx, ""));
    EXPECT_TRUE(has_vnni("\nflags\t\t: fpu avx2 avx_vnni\n", "AVX2_VNNI"));
    EXPECT_FALSE(has_vnni("\nflags\t\t: fpu avx2 avx512f avx512_vnni\n", "avx2_vnni"));
    EXPECT_FALSE(has_vnni("\nflags\t\t: fpu avx avx2\n", ""));
    for (const char* limit : {"SSE41", "AVX2", "avx512_core"}) EXPECT_FALSE(has_vnni(kWithAmx, limit)) << limit;
}

}  // namespace
}  // namespace yolovino::runtime
