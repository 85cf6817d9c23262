import YAML

/// One thing that is wrong with a file: where, what, and what was expected.
public struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
  public var file: String
  public var mark: SourceMark
  /// `support_health.csat_score.paid`; empty for the file itself.
  public var path: String
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

/// Everything that is wrong with the configuration, at once.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
  public var problems: [String]

  public init(problems: [String]) { self.problems = problems }

  public var description: String {
    let count = problems.count == 1 ? "a problem" : "\(problems.count) problems"
    return "the configuration has \(count):\n" + problems.map { "  " + $0 }.joined(separator: "\n")
  }
}

extension ConfigurationProblem {
  /// A file that is not there, or not for us.
  public static func unreadable(_ file: String) -> ConfigurationProblem {
    ConfigurationProblem(
      file: file, mark: SourceMark(line: 1, column: 1), path: "",
      message: "the file can't be read; set CONFIG_DIR to the folder that holds it")
  }
}
