import Web

extension ComputeCost {
  /// The cost of deciding about this many ads, and of writing the decision.
  static func deciding(_ ads: Int, _ policy: Policy) -> ComputeCost {
    switch policy {
    case .battleHardened: ComputeCost(microseconds: ads * 2)
    case .lagAware: ComputeCost(microseconds: ads * 20)
    }
  }
}
