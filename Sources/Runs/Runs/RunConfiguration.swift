import ConfigurationReading

/// What a job needs and what every run needs, checked together.
public struct RunConfiguration<Setup: Sendable>: Sendable {
  public let setup: Setup
  public let operations: Operations

  /// - Parameters:
  ///   - readFile: Reads the text of another file, such as AWS's credentials file; nil if it can't be read.
  ///   - read: Reads what the job needs.
  /// - Throws: ``ConfigurationError`` with every problem of the job's files and of the environment.
  public init(_ environment: Environment, readFile: (String) -> String?, _ read: () throws -> Setup) throws {
    operations = Operations(environment, readFile: readFile)
    var problems: [String] = []
    var found: Setup?
    do {
      found = try read()
    } catch {
      problems = (error as? ConfigurationError)?.problems ?? ["\(error)"]
    }
    problems += operations.problems
    guard let found, problems.isEmpty else { throw ConfigurationError(problems: problems) }
    setup = found
  }
}
