#include "Kernels.h"

#include <algorithm>
#include <vector>

#include "CVectors.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

typedef float Four __attribute__((vector_size(16), aligned(4)));

// What every processor has.
float plain(const float *a, const float *b, size_t length) {
  Four sums[4] = {};
  for (size_t i = 0; i < length; i += 16)
    for (size_t part = 0; part < 4; part++)
      sums[part] += *reinterpret_cast<const Four *>(a + i + 4 * part) * *reinterpret_cast<const Four *>(b + i + 4 * part);
  Four sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) float avx2(const float *a, const float *b, size_t length) {
  __m256 first = _mm256_setzero_ps(), second = first, third = first, fourth = first;
  size_t i = 0;
  for (; i + 32 <= length; i += 32) {
    first = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), first);
    second = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), second);
    third = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), third);
    fourth = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), fourth);
  }
  for (; i < length; i += 8) first = _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), first);
  __m256 sum = _mm256_add_ps(_mm256_add_ps(first, second), _mm256_add_ps(third, fourth));
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_shuffle_ps(half, half, 1)));
}

__attribute__((target("avx512f"))) float avx512(const float *a, const float *b, size_t length) {
  __m512 first = _mm512_setzero_ps(), second = first, third = first, fourth = first;
  size_t i = 0;
  for (; i + 64 <= length; i += 64) {
    first = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), first);
    second = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), second);
    third = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 32), _mm512_loadu_ps(b + i + 32), third);
    fourth = _mm512_fmadd_ps(_mm512_loadu_ps(a + i + 48), _mm512_loadu_ps(b + i + 48), fourth);
  }
  for (; i < length; i += 16) first = _mm512_fmadd_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), first);
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(first, second), _mm512_add_ps(third, fourth)));
}

#endif

struct Kernel {
  kernels::InnerProduct product;
  const char *name;
};

/// What this processor can run, the fastest first.
const std::vector<Kernel> &available() {
  static const std::vector<Kernel> kernels = [] {
    std::vector<Kernel> found;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) found.push_back({avx512, "AVX-512"});
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back({avx2, "AVX2"});
#endif
    found.push_back({plain, "baseline"});
    return found;
  }();
  return kernels;
}

}  // namespace

kernels::InnerProduct kernels::fastest_inner_product() { return available().front().product; }

size_t cvectors_kernel_count(void) { return available().size(); }

const char *cvectors_kernel_name(size_t kernel) { return available()[std::min(kernel, available().size() - 1)].name; }

float cvectors_kernel_product(size_t kernel, const float *a, const float *b, size_t length) {
  return available()[std::min(kernel, available().size() - 1)].product(a, b, length);
}
