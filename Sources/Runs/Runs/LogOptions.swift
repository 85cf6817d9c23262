import ConfigurationReading

/// How and from which level on is logged.
public struct LogOptions: Sendable, Equatable {
  /// A level of swift-log; nil for the program's own default.
  public let level: String?
  public let isText: Bool

  /// A value that can't be understood is the default here, and a problem of the configuration.
  public init(_ environment: Environment) {
    var reader = VariableReader(environment: environment)
    self.init(&reader)
  }

  /// `LOG_LEVEL`, else what Lambda's logging configuration sets; the same for the format.
  init(_ reader: inout VariableReader) {
    let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"].map { (name: $0, value: $0) }
    let all = levels + [(name: "warn", value: "warning"), (name: "fatal", value: "critical")]
    let own = reader.choice("LOG_LEVEL", all)
    let lambdas = reader.choice("AWS_LAMBDA_LOG_LEVEL", all)
    level = own ?? lambdas
    let formats = [(name: "json", value: false), (name: "text", value: true)]
    let ownFormat = reader.choice("LOG_FORMAT", formats)
    // Lambda says it too, and means its own lines: ours are JSON unless somebody asks for text.
    isText = ownFormat ?? false
  }
}
