import Web

/// Prometheus' text format, version 0.0.4.
struct MetricsText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  mutating func add(_ metrics: [Metric]) {
    for metric in metrics { add(metric) }
  }

  private mutating func add(_ metric: Metric) {
    text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
    for sample in metric.samples {
      let pairs = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
      let labels = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
      text += "\(metric.name)\(sample.suffix)\(labels) \(sample.value)\n"
    }
  }

  private static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
