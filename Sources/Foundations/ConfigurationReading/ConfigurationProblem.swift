import YAML

/// One thing that is wrong with a file: where, what, and what was expected.
public struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
  /// The file's name, such as `weights.yaml`.
  public var file: String
  /// Line and column, both counted from 1.
  public var mark: SourceMark
  /// The key, such as `support_health.csat_score.paid`, or the column of a CSV. Empty for the file as a whole.
  public var path: String
  /// What is wrong, and what was expected.
  public var message: String

  public init(file: String, mark: SourceMark, path: String, message: String) {
    self.file = file
    self.mark = mark
    self.path = path
    self.message = message
  }

  /// `file:line:column: path: what is wrong, what was expected`.
  public var description: String {
    "\(file):\(mark.line):\(mark.column): \(path.isEmpty ? "" : path + ": ")\(message)"
  }
}

/// All problems of the configuration in one error.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// One line each: `file:line:column: path: message`, or `VARIABLE: message`.
  public var problems: [String]

  public init(problems: [String]) { self.problems = problems }

  public var description: String {
    let count = problems.count == 1 ? "a problem" : "\(problems.count) problems"
    return "the configuration has \(count):\n" + problems.map { "  " + $0 }.joined(separator: "\n")
  }
}

extension ConfigurationProblem {
  /// For a file that does not exist, or that this process may not read.
  public static func unreadable(_ file: String) -> ConfigurationProblem {
    ConfigurationProblem(
      file: file, mark: SourceMark(line: 1, column: 1), path: "",
      message: "the file can't be read; set CONFIG_DIR to the folder that holds it")
  }
}
