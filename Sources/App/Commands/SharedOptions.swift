import Accounts
import ArgumentParser
import Decisions
import Formats
import Foundation
import Measurement
import Storage
import Values
import Web

/// Which database a command works on.
struct DatabaseOption: ParsableArguments {
  @Option(
    help: """
      The database, as sqlite:PATH or postgresql://USER@HOST/NAME. [environment: DATABASE_URL] \
      (default: \(DatabaseURL.standard))
      """)
  var database: String?
  @Flag(help: "Create the database if its file does not exist.")
  var create = false

  /// The option, else the environment variable, else the default. Throws a ``SettingError``.
  var url: DatabaseURL {
    get throws {
      try DatabaseURL(database ?? ProcessInfo.processInfo.environment["DATABASE_URL"] ?? DatabaseURL.standard)
    }
  }

  /// Passes the opened database to `body`, and closes it at the end. A missing file is created where the command
  /// `creates` it or `--create` was given: otherwise a mistyped path would start an empty database.
  func withDatabase<Result>(
    creates: Bool = false, _ body: (any Database) async throws -> Result
  ) async throws -> Result {
    let database = try url.open(isMade: creates || create)
    let result: Result
    do {
      result = try await body(database)
    } catch {
      await database.shutDown()
      throw error
    }
    await database.shutDown()
    return result
  }

  /// Passes the system on the database, with missing migrations applied, to `body`, and closes it at the end.
  func withSystem<Result>(creates: Bool = false, _ body: (System) async throws -> Result) async throws -> Result {
    try await withDatabase(creates: creates) { try await body(System(opened: $0)) }
  }

  /// Runs a command's work on the system, and turns errors into a message and an exit status.
  func run(creates: Bool = false, _ body: (System) async throws -> Void) async throws {
    try await reportingFailures { try await withSystem(creates: creates, body) }
  }
}

/// Which account a command works for.
struct AccountOption: ParsableArguments {
  @Option(help: "The account.")
  var account: AccountID
}

extension AccountID: ExpressibleByArgument {
  /// Reads an account from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}

extension Currency: ExpressibleByArgument {
  /// Reads a currency from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}

extension CalendarDay: ExpressibleByArgument {
  /// Reads a day from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}

extension Money: ExpressibleByArgument {
  /// Reads an amount from the command line.
  public init?(argument: String) {
    self.init(decimal: argument)
  }
}

extension TimedID: ExpressibleByArgument {
  /// Reads the id of a line of the audit log, a change or a batch from the command line.
  public init?(argument: String) {
    self.init(argument)
  }
}

extension Role: ExpressibleByArgument {}

extension AuditActor {
  /// The user who runs this command.
  static var commandLine: AuditActor { .commandLine(user: NSUserName()) }
}

extension Policy: ExpressibleByArgument {}

extension ImportService.Kind: ExpressibleByArgument {}

extension DateOrder: ExpressibleByArgument {}

extension DecimalSign: ExpressibleByArgument {}

/// The rule for seeds on the command line.
enum SeedRule {
  static func check(_ seed: UInt64) throws {
    guard seed < SelectionInputs.seedLimit else {
      throw ValidationError("--seed is \(seed): it must be 0 to \(SelectionInputs.seedLimit - 1)")
    }
  }
}

/// Arguments such as `aov=12000` that change fields.
enum FieldArguments {
  /// The JSON object for `field=value` arguments: a value that is valid JSON is used as such, any other as text.
  static func body(of changes: [String]) throws -> [UInt8] {
    let members = try changes.map { change -> (key: String, value: JSONValue) in
      let sides = change.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard sides.count == 2 else {
        throw SettingError(name: "change", value: change, rule: "must be field=value")
      }
      return (sides[0], (try? JSONReader.read(sides[1]) { try $0.readValue() }) ?? .string(sides[1]))
    }
    var json = JSONWriter()
    JSONValue.object(JSONObject(members)).write(to: &json)
    return json.bytes
  }
}

/// Runs a command's work and turns errors into a message and an exit status: 2 for invalid input, 1 for anything else.
func reportingFailures(_ work: () async throws -> Void) async throws {
  do {
    try await work()
  } catch let error as any FeatureError {
    Console.error(error.description)
    throw ExitCode(2)
  } catch let error as SettingError {
    Console.error(error.description)
    throw ExitCode(2)
  } catch let exit as ExitCode {
    throw exit
  } catch {
    Console.error("\(error)")
    throw ExitCode(1)
  }
}
