import ConfigurationReading
import Formats
import FoundationEssentials
import Logging
import Time

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Logs to stderr: one JSON object per line, or lines for people.
public struct StderrLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level
  private let isText: Bool

  /// Reads `LOG_LEVEL`, or `AWS_LAMBDA_LOG_LEVEL`, and `LOG_FORMAT`.
  public init(environment: Environment, defaultLevel: Logger.Level = .info) {
    let options = LogOptions(environment)
    logLevel = options.level.flatMap { Logger.Level(rawValue: $0) } ?? defaultLevel
    isText = options.isText
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let now = TimeSource.system.now
    var line: [UInt8]
    if isText {
      let facts = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
      line = Array("\(now) \(event.level.rawValue) \(event.message)\(facts)".withoutControlCharacters.utf8)
    } else {
      var fields = all.mapValues { "\($0)" }
      fields["timestamp"] = "\(now)"
      fields["level"] = event.level.rawValue
      fields["message"] = "\(event.message)"
      line = (try? JSONBody.encode(fields)) ?? []
    }
    line.append(10)
    line.writeWhole(to: 2)
  }
}

extension [UInt8] {
  /// Writes all bytes to a descriptor, in one call where it takes them, so that lines of several threads don't mix. What
  /// nobody takes any more is lost: there is no other place to say so.
  public func writeWhole(to descriptor: Int32) {
    withUnsafeBytes { bytes in
      var start = 0
      while start < bytes.count {
        let count = write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
        // A signal came first.
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        start += count
      }
    }
  }
}
