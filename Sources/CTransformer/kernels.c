#include "CTransformer.h"

#define VECTORS 2

static size_t padded_rows(size_t rows)
{
  return (rows + TRANSFORMER_PANEL - 1) / TRANSFORMER_PANEL * TRANSFORMER_PANEL;
}

#define NAME(x) portable_##x
#define TARGET
#define LANES 4
#define ROWS 4
#include "kernels.inc"

#if defined(__x86_64__)

#define NAME(x) avx2_##x
#define TARGET __attribute__((target("avx2,fma")))
#define LANES 8
#define ROWS 6
#include "kernels.inc"

#define NAME(x) avx512_##x
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#define LANES 16
#define ROWS 12
#include "kernels.inc"

#include "bf16.inc"

#define CALL(set, function, ...) \
  switch (set) { \
  case TRANSFORMER_AVX512_BF16: \
  case TRANSFORMER_AVX512: avx512_##function(__VA_ARGS__); break; \
  case TRANSFORMER_AVX2: avx2_##function(__VA_ARGS__); break; \
  case TRANSFORMER_PORTABLE: portable_##function(__VA_ARGS__); break; \
  }

transformer_instructions transformer_best_instructions(void)
{
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
      && __builtin_cpu_supports("avx512bw"))
    return __builtin_cpu_supports("avx512bf16") ? TRANSFORMER_AVX512_BF16 : TRANSFORMER_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return TRANSFORMER_AVX2;
  return TRANSFORMER_PORTABLE;
}

#else

#define CALL(set, function, ...) \
  (void)set; \
  portable_##function(__VA_ARGS__)

transformer_instructions transformer_best_instructions(void) { return TRANSFORMER_PORTABLE; }

// No processor here has the instructions, so nobody may call it.
void transformer_linear_bf16(
  float *y, const float *x, const uint16_t *packed, const float *bias, uint16_t *scratch, size_t rows, size_t outputs,
  size_t inputs, int has_gelu)
{
  (void)y, (void)x, (void)packed, (void)bias, (void)scratch, (void)rows, (void)outputs, (void)inputs, (void)has_gelu;
  __builtin_trap();
}

#endif

/// The nearest bfloat16, the even one of two that are equally near. Weights are finite.
static uint16_t bf16(float value)
{
  union { float value; uint32_t bits; } number = {.value = value};
  return (uint16_t)((number.bits + 0x7FFF + (number.bits >> 16 & 1)) >> 16);
}

void transformer_pack_bf16(uint16_t *packed, const float *weights, size_t outputs, size_t inputs)
{
  for (size_t panel = 0; panel < outputs; panel += TRANSFORMER_PANEL)
    for (size_t k = 0; k < inputs; k += 2)
      for (size_t column = 0; column < TRANSFORMER_PANEL; column++) {
        *packed++ = bf16(weights[(panel + column) * inputs + k]);
        *packed++ = bf16(weights[(panel + column) * inputs + k + 1]);
      }
}

void transformer_pack(float *packed, const float *weights, size_t outputs, size_t inputs)
{
  for (size_t panel = 0; panel < outputs; panel += TRANSFORMER_PANEL)
    for (size_t k = 0; k < inputs; k++)
      for (size_t column = 0; column < TRANSFORMER_PANEL; column++)
        *packed++ = weights[(panel + column) * inputs + k];
}

void transformer_linear(
  transformer_instructions set, float *y, const float *x, const float *packed, const float *bias, size_t rows,
  size_t outputs, size_t inputs)
{
  CALL(set, linear, y, x, packed, bias, rows, outputs, inputs, 0)
}

void transformer_linear_gelu(
  transformer_instructions set, float *y, const float *x, const float *packed, const float *bias, size_t rows,
  size_t outputs, size_t inputs)
{
  CALL(set, linear, y, x, packed, bias, rows, outputs, inputs, 1)
}

size_t transformer_attention_scratch(size_t rows)
{
  return padded_rows(rows) * (TRANSFORMER_HEAD + rows);
}

void transformer_attention(
  transformer_instructions set, float *context, const float *qkv, size_t rows, size_t width, float *scratch)
{
  CALL(set, attention, context, qkv, rows, width, scratch)
}

void transformer_add_norm(
  transformer_instructions set, float *x, const float *y, const float *scale, const float *shift, size_t rows,
  size_t width, float epsilon)
{
  CALL(set, add_norm, x, y, scale, shift, rows, width, epsilon)
}

void transformer_embed(
  transformer_instructions set, float *x, const int32_t *ids, const float *words, const float *positions,
  const float *type, const float *scale, const float *shift, size_t rows, size_t width, float epsilon)
{
  CALL(set, embed, x, ids, words, positions, type, scale, shift, rows, width, epsilon)
}

void transformer_pool(transformer_instructions set, float *vector, const float *x, size_t rows, size_t width)
{
  CALL(set, pool, vector, x, rows, width)
}
