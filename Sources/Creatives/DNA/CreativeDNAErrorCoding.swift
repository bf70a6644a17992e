import Web

extension CreativeDNAError: APIErrorConvertible {
  package var apiError: APIError {
    switch self {
    case .unknown, .unknownAd: APIError(.notFound, self)
    case .empty(let ad):
      APIError(
        .unprocessableContent, self,
        details: [FieldProblem(field: "dna", value: "{}", rule: "must say something of ad \(ad)")])
    case .tooLong(let ad, let bytes):
      APIError(
        .unprocessableContent, self,
        details: [
          FieldProblem(
            field: "dna", value: "\(bytes) bytes", rule: "must have at most \(Self.byteLimit) bytes for ad \(ad)")
        ])
    }
  }
}
