#pragma once
#include <stddef.h>
#include <stdint.h>

/// The arithmetic of a BERT encoder, in single precision; where a processor multiplies bfloat16 twice as fast, the two
/// large matrices of a layer may be of these, with sums in single precision.
///
/// Matrices are dense and row by row, a row for each token. A row's result depends on that row alone, bit for bit,
/// whatever rows stand beside it (of the same text, for attention). Nothing here allocates, blocks or keeps state.

/// What a processor can do. Results differ between instruction sets in their last bits.
typedef enum {
  TRANSFORMER_PORTABLE = 0,
  /// AVX2 and FMA.
  TRANSFORMER_AVX2 = 1,
  TRANSFORMER_AVX512 = 2,
  /// AVX-512 with products of bfloat16.
  TRANSFORMER_AVX512_BF16 = 3,
} transformer_instructions;

/// The widest instructions that this processor has.
transformer_instructions transformer_best_instructions(void);

/// Columns in a panel of packed weights.
#define TRANSFORMER_PANEL 32
/// Components of an attention head.
#define TRANSFORMER_HEAD 32

/// Packs weights [outputs][inputs], `outputs` being a multiple of TRANSFORMER_PANEL, so that they are read in order:
/// panels of outputs, and in each the weights of every input side by side. `packed` has as many floats; they are
/// read most quickly where it is aligned to 64 bytes.
void transformer_pack(float *packed, const float *weights, size_t outputs, size_t inputs);

/// y[rows][outputs] = x[rows][inputs] · weights + bias[outputs], with packed weights.
void transformer_linear(
  transformer_instructions set, float *y, const float *x, const float *packed, const float *bias, size_t rows,
  size_t outputs, size_t inputs);

/// As transformer_linear, and then the Gaussian error linear unit, x·Φ(x).
void transformer_linear_gelu(
  transformer_instructions set, float *y, const float *x, const float *packed, const float *bias, size_t rows,
  size_t outputs, size_t inputs);

/// Packs weights as transformer_pack does, as bfloat16: as many of them as floats there. `inputs` must be a multiple
/// of 16.
void transformer_pack_bf16(uint16_t *packed, const float *weights, size_t outputs, size_t inputs);

/// transformer_linear for weights in bfloat16, or transformer_linear_gelu with `has_gelu`. Only for
/// TRANSFORMER_AVX512_BF16. `scratch` takes x[rows][inputs] in bfloat16.
void transformer_linear_bf16(
  float *y, const float *x, const uint16_t *packed, const float *bias, uint16_t *scratch, size_t rows, size_t outputs,
  size_t inputs, int has_gelu);

/// How many floats transformer_attention needs as scratch for a text of `rows` tokens.
size_t transformer_attention_scratch(size_t rows);

/// Attention of the tokens of one text to each other: context[rows][width] from qkv[rows][3 * width], where queries,
/// keys and values stand side by side and `width` is a multiple of TRANSFORMER_HEAD.
void transformer_attention(
  transformer_instructions set, float *context, const float *qkv, size_t rows, size_t width, float *scratch);

/// x[rows][width] = normalised(x + y) · scale + shift, each row to mean 0 and variance 1.
void transformer_add_norm(
  transformer_instructions set, float *x, const float *y, const float *scale, const float *shift, size_t rows,
  size_t width, float epsilon);

/// x[rows][width] = normalised(words[ids] + positions + type) · scale + shift; the first row has the first position.
void transformer_embed(
  transformer_instructions set, float *x, const int32_t *ids, const float *words, const float *positions,
  const float *type, const float *scale, const float *shift, size_t rows, size_t width, float epsilon);

/// vector[width] = the mean of x[rows][width], brought to length 1.
void transformer_pool(transformer_instructions set, float *vector, const float *x, size_t rows, size_t width);
