import Formats

/// The variables that the process was started with. Printing it shows none of them: many are secrets.
public struct Environment: Sendable, CustomStringConvertible, CustomReflectable {
  private let values: [String: String]

  public init(_ values: [String: String]) { self.values = values }

  public var description: String { "\(values.count) environment variables" }

  public var customMirror: Mirror { Mirror(self, children: [:]) }

  /// The value without white space at its ends, which copying often adds. Nil if the variable is not set or empty.
  public subscript(name: String) -> String? {
    guard let value = values[name] else { return nil }
    let trimmed = value.trimmed
    return trimmed.isEmpty ? nil : trimmed
  }

  /// Names of variables that begin or end in white space.
  ///
  /// - Parameter prefixes: Of the variables that are looked at, such as `JIRA_`.
  public func namesWithOuterSpace(_ prefixes: [String]) -> [String] {
    names(prefixes) { $0.trimmed.utf8.count != $0.utf8.count && !$0.isEmpty }
  }

  /// Names of variables with a line break or another control character inside, which no header or URL takes.
  ///
  /// - Parameter prefixes: Of the variables that are looked at, such as `JIRA_`.
  public func namesWithControlCharacters(_ prefixes: [String]) -> [String] {
    names(prefixes) { $0.trimmed.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } }
  }

  private func names(_ prefixes: [String], where isMeant: (String) -> Bool) -> [String] {
    values.filter { name, value in prefixes.contains { name.hasPrefix($0) } && isMeant(value) }.keys.sorted()
  }

  /// `ENVIRONMENT`: the name of the deployment, `dev` where it is not set.
  public var name: String { self["ENVIRONMENT"] ?? "dev" }

  /// Judged by `LAMBDA_TASK_ROOT` and `AWS_LAMBDA_FUNCTION_NAME`, which Lambda sets.
  public var isLambda: Bool { self["LAMBDA_TASK_ROOT"] != nil || self["AWS_LAMBDA_FUNCTION_NAME"] != nil }

  /// `CONFIG_DIR`, else the function's own `config` folder, else `config` here.
  public var configDirectory: String {
    self["CONFIG_DIR"] ?? self["LAMBDA_TASK_ROOT"].map { $0 + "/config" } ?? "config"
  }

  /// `OUTPUT_DIR`, else `/tmp` on Lambda and `output` elsewhere.
  public var outputDirectory: String { self["OUTPUT_DIR"] ?? (isLambda ? "/tmp" : "output") }
}
