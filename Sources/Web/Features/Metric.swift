/// A metric with its samples, in the form of monitoring systems.
package struct Metric: Sendable {
  package enum Kind: String, Sendable {
    case gauge, counter, histogram
  }

  package struct Sample: Sendable {
    package let labels: [(name: String, value: String)]
    package let value: Double
    /// A suffix of the sample's name, such as `_sum`.
    package let suffix: String
  }

  package let name: String
  package let kind: Kind
  package let help: String
  package private(set) var samples: [Sample] = []

  /// A metric without samples; `help` is a sentence.
  package init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }

  /// A metric with one sample without labels.
  package init(_ name: String, _ kind: Kind, _ help: String, value: Double) {
    self.init(name, kind, help)
    add([], value)
  }

  package mutating func add(_ labels: [(name: String, value: String)], _ value: Double, suffix: String = "") {
    samples.append(Sample(labels: labels, value: value, suffix: suffix))
  }
}

/// Reads a feature's metrics from its state.
package typealias MetricSource = @Sendable () async throws -> [Metric]
