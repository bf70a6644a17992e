import Values

/// What the holder of a key may do.
package enum Role: String, Hashable, Comparable, Sendable, CaseIterable {
  /// Read.
  case viewer
  /// Read, request decisions and report figures.
  case `operator`
  /// Everything, including the account's configuration.
  case admin

  /// Orders roles by what they may do.
  package static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .viewer: 0
    case .operator: 1
    case .admin: 2
    }
  }
}

/// The caller: the account and the role of the key.
package struct Principal: Hashable, Sendable {
  /// The key, by its public id.
  package let keyID: String
  /// The account the key belongs to.
  package let accountID: AccountID
  /// The incarnation of the account; another account may have had this name before.
  package let incarnation: String
  /// What the key may do.
  package let role: Role

  package init(keyID: String, accountID: AccountID, incarnation: String, role: Role) {
    self.keyID = keyID
    self.accountID = accountID
    self.incarnation = incarnation
    self.role = role
  }

  /// The account named in a request, which must be the caller's own; otherwise an ``APIError`` with status 403.
  ///
  /// The error does not reveal whether an account with that name exists.
  package func ownAccount(named name: String, field: String) throws -> AccountID {
    guard name == accountID.value else {
      throw APIError(
        .forbidden, "other_account", "this key is not for that account",
        details: [FieldProblem(field: field, value: name, rule: "must be the account of the key")])
    }
    return accountID
  }
}
