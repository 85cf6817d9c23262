import ConfigurationReading

/// The level and the format of the log.
public struct LogOptions: Sendable, Equatable {
  /// The name of a swift-log level, such as `warning`; nil if none is set, and the program's default counts.
  public let level: String?
  /// `LOG_FORMAT`: true for `text`, lines for people. False for `json` (default), one object per line.
  public let isText: Bool

  /// An invalid value counts as not set here. ``Operations/problems`` reports it.
  public init(_ environment: Environment) {
    var reader = VariableReader(environment: environment)
    self.init(&reader)
  }

  /// Reads `LOG_LEVEL`, else `AWS_LAMBDA_LOG_LEVEL`, and `LOG_FORMAT`.
  init(_ reader: inout VariableReader) {
    let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"].map { (name: $0, value: $0) }
    let all = levels + [(name: "warn", value: "warning"), (name: "fatal", value: "critical")]
    let own = reader.choice("LOG_LEVEL", all)
    let lambdas = reader.choice("AWS_LAMBDA_LOG_LEVEL", all)
    level = own ?? lambdas
    let formats = [(name: "json", value: false), (name: "text", value: true)]
    let ownFormat = reader.choice("LOG_FORMAT", formats)
    // `AWS_LAMBDA_LOG_FORMAT` is for Lambda's own lines. Ours are JSON unless `LOG_FORMAT` asks for text.
    isText = ownFormat ?? false
  }
}
