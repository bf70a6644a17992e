/// Whether two figures agree to `tolerance` of the larger of 1 and the expected one.
package func agrees(_ figure: Double, _ expected: Double, within tolerance: Double = 1e-12) -> Bool {
  abs(figure - expected) <= tolerance * max(1, abs(expected))
}
