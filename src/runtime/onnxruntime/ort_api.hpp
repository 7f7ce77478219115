#pragma once

#include <cstddef>
#include <cstdint>

/// The part of ONNX Runtime's C interface that is used. Its table of functions only grows: a slot keeps its meaning in
/// every later version, so that the official headers are not needed.
namespace yolovino::runtime::ort {

inline constexpr std::uint32_t kApiVersion = 14;

// Opaque types of the runtime.
struct Status;
struct Env;
struct Session;
struct SessionOptions;
struct RunOptions;
struct Value;
struct Allocator;
struct MemoryInfo;
struct TypeInfo;
struct TensorInfo;

struct ApiBase {
    const void* const* (*get_api)(std::uint32_t version);
    const char* (*get_version_string)();
};

/// A slot of the table and the type of the function in it.
template <std::size_t kSlot, typename Function>
struct Entry {};

inline constexpr Entry<2, const char*(const Status*)> kGetErrorMessage;
inline constexpr Entry<3, Status*(int level, const char* id, Env**)> kCreateEnv;
inline constexpr Entry<7, Status*(Env*, const char* path, const SessionOptions*, Session**)> kCreateSession;
inline constexpr Entry<9, Status*(Session*, const RunOptions*, const char* const* input_names,
                                  const Value* const* inputs, std::size_t input_count, const char* const* output_names,
                                  std::size_t output_count, Value** outputs)>
    kRun;
inline constexpr Entry<10, Status*(SessionOptions**)> kCreateSessionOptions;
inline constexpr Entry<22, Status*(SessionOptions*, int)> kSetSessionLogSeverityLevel;
inline constexpr Entry<23, Status*(SessionOptions*, int)> kSetSessionGraphOptimizationLevel;
inline constexpr Entry<24, Status*(SessionOptions*, int)> kSetIntraOpNumThreads;
inline constexpr Entry<30, Status*(const Session*, std::size_t*)> kSessionGetInputCount;
inline constexpr Entry<31, Status*(const Session*, std::size_t*)> kSessionGetOutputCount;
inline constexpr Entry<33, Status*(const Session*, std::size_t, TypeInfo**)> kSessionGetInputTypeInfo;
inline constexpr Entry<34, Status*(const Session*, std::size_t, TypeInfo**)> kSessionGetOutputTypeInfo;
inline constexpr Entry<36, Status*(const Session*, std::size_t, Allocator*, char**)> kSessionGetInputName;
inline constexpr Entry<37, Status*(const Session*, std::size_t, Allocator*, char**)> kSessionGetOutputName;
inline constexpr Entry<49, Status*(const MemoryInfo*, void*, std::size_t bytes, const std::int64_t* shape,
                                   std::size_t rank, int type, Value**)>
    kCreateTensorWithDataAsOrtValue;
inline constexpr Entry<51, Status*(Value*, void**)> kGetTensorMutableData;
inline constexpr Entry<55, Status*(const TypeInfo*, const TensorInfo**)> kCastTypeInfoToTensorInfo;
inline constexpr Entry<60, Status*(const TensorInfo*, int*)> kGetTensorElementType;
inline constexpr Entry<61, Status*(const TensorInfo*, std::size_t*)> kGetDimensionsCount;
inline constexpr Entry<62, Status*(const TensorInfo*, std::int64_t*, std::size_t)> kGetDimensions;
inline constexpr Entry<65, Status*(const Value*, TensorInfo**)> kGetTensorTypeAndShape;
inline constexpr Entry<69, Status*(int allocator, int memory, MemoryInfo**)> kCreateCpuMemoryInfo;
inline constexpr Entry<76, Status*(Allocator*, void*)> kAllocatorFree;
inline constexpr Entry<78, Status*(Allocator**)> kGetAllocatorWithDefaultOptions;
inline constexpr Entry<93, void(Status*)> kReleaseStatus;
inline constexpr Entry<94, void(MemoryInfo*)> kReleaseMemoryInfo;
inline constexpr Entry<95, void(Session*)> kReleaseSession;
inline constexpr Entry<96, void(Value*)> kReleaseValue;
inline constexpr Entry<98, void(TypeInfo*)> kReleaseTypeInfo;
inline constexpr Entry<99, void(TensorInfo*)> kReleaseTensorInfo;
inline constexpr Entry<100, void(SessionOptions*)> kReleaseSessionOptions;

inline constexpr int kLogFatal = 4;        ///< the runtime writes to stderr by itself; its errors come as statuses
inline constexpr int kOptimizeAll = 99;    ///< graph optimisation level
inline constexpr int kArenaAllocator = 1;  ///< allocator type
inline constexpr int kMemoryDefault = 0;   ///< memory type
inline constexpr int kElementFloat = 1;    ///< tensor element types
inline constexpr int kElementFloat16 = 10;

/// The loaded runtime.
class Api {
public:
    Api(const void* const* table, const char* version) : table_(table), version_(version) {}

    template <std::size_t kSlot, typename Result, typename... Parameters, typename... Arguments>
    Result call(Entry<kSlot, Result(Parameters...)> /*entry*/, Arguments... arguments) const {
        return reinterpret_cast<Result (*)(Parameters...)>(const_cast<void*>(table_[kSlot]))(arguments...);
    }

    const char* version() const noexcept { return version_; }

private:
    const void* const* table_;
    const char* version_;
};

}  // namespace yolovino::runtime::ort
