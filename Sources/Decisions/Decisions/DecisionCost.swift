import Web

extension ComputeCost {
  /// Deciding about so many ads, and writing what was decided.
  static func deciding(_ ads: Int, _ policy: Policy) -> ComputeCost {
    switch policy {
    case .battleHardened: ComputeCost(microseconds: ads * 2)
    case .lagAware: ComputeCost(microseconds: ads * 20)
    }
  }
}
