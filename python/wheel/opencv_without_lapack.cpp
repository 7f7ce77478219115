// Debian's static OpenCV computes large matrices with LAPACK, which would bring 20 MB of Fortran into the wheel, and
// asks GLX for its OpenGL. These definitions stand for both: OpenCV then takes its own algorithms, as it does for the
// small matrices that occur here, and has no OpenGL.

#include <cstddef>
#include <opencv2/core/hal/interface.h>

#define YOLOVINO_NOT_IMPLEMENTED \
    { return CV_HAL_ERROR_NOT_IMPLEMENTED; }

using std::size_t;

// As OpenCV declares them in modules/core/src/hal_internal.hpp.
int lapack_LU32f(float*, size_t, int, float*, size_t, int, int*) YOLOVINO_NOT_IMPLEMENTED
    int lapack_LU64f(double*, size_t, int, double*, size_t, int, int*) YOLOVINO_NOT_IMPLEMENTED
    int lapack_Cholesky32f(float*, size_t, int, float*, size_t, int, bool*) YOLOVINO_NOT_IMPLEMENTED
    int lapack_Cholesky64f(double*, size_t, int, double*, size_t, int, bool*) YOLOVINO_NOT_IMPLEMENTED
    int lapack_SVD32f(float*, size_t, float*, float*, size_t, float*, size_t, int, int, int) YOLOVINO_NOT_IMPLEMENTED
    int lapack_SVD64f(double*, size_t, double*, double*, size_t, double*, size_t, int, int,
                      int) YOLOVINO_NOT_IMPLEMENTED
    int lapack_QR32f(float*, size_t, int, int, int, float*, size_t, float*, int*) YOLOVINO_NOT_IMPLEMENTED
    int lapack_QR64f(double*, size_t, int, int, int, double*, size_t, double*, int*) YOLOVINO_NOT_IMPLEMENTED
    int lapack_gemm32f(const float*, size_t, const float*, size_t, float, const float*, size_t, float, float*, size_t,
                       int, int, int, int) YOLOVINO_NOT_IMPLEMENTED
    int lapack_gemm64f(const double*, size_t, const double*, size_t, double, const double*, size_t, double, double*,
                       size_t, int, int, int, int) YOLOVINO_NOT_IMPLEMENTED
    int lapack_gemm32fc(const float*, size_t, const float*, size_t, float, const float*, size_t, float, float*, size_t,
                        int, int, int, int) YOLOVINO_NOT_IMPLEMENTED
    int lapack_gemm64fc(const double*, size_t, const double*, size_t, double, const double*, size_t, double, double*,
                        size_t, int, int, int, int) YOLOVINO_NOT_IMPLEMENTED

    extern "C" {
    void* glXGetCurrentContext() {
        return nullptr;
    }
    void* glXGetCurrentDisplay() {
        return nullptr;
    }
    void* glXGetProcAddressARB(const unsigned char*) {
        return nullptr;
    }
}
