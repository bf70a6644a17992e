// Inner products.
#pragma once

#include <cstddef>

namespace kernels {

/// Of two rows of `length` floats, a multiple of 16.
using InnerProduct = float (*)(const float *, const float *, size_t length);

/// The fastest that this processor can run.
InnerProduct fastest_inner_product();

}  // namespace kernels
