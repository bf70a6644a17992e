import Jobs

/// What a feature contributes to the system. The composition root is a list of these, and the code that processes the
/// list names no feature.
package struct Feature: Sendable {
  package let endpoints: [Endpoint]
  package let jobs: [JobHandling]
  package let retentions: [Retention]
  package let metrics: [MetricSource]
  package let quotas: [Quota]

  package init(
    endpoints: [Endpoint] = [], jobs: [JobHandling] = [], retentions: [Retention] = [], metrics: [MetricSource] = [],
    quotas: [Quota] = []
  ) {
    self.endpoints = endpoints
    self.jobs = jobs
    self.retentions = retentions
    self.metrics = metrics
    self.quotas = quotas
  }
}
