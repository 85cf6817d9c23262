#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Sends metrics to Datadog's extension by UDP on the loopback interface. There is no answer: without the extension the
/// metrics are dropped, and the run goes on.
///
/// https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/
public struct DogStatsD: Sendable {
  private let port: UInt16

  /// - Parameter port: The extension's UDP port on 127.0.0.1.
  public init(port: UInt16 = 8125) { self.port = port }

  /// Sends one datagram and ignores errors. Numbers that add up over runs are counters, the others are gauges.
  public func send(_ report: RunReport) {
    let datagram = Self.datagram(report)
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        _ = sendto(descriptor, datagram, datagram.count, 0, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// One line per metric. Stays far below the 8,192 bytes that a datagram may have.
  static func datagram(_ report: RunReport) -> [UInt8] {
    let tags = [
      "env:\(report.environment)", "job:\(report.job)", "mode:\(report.isDryRun ? "dry_run" : "live")",
      "status:\(report.status)",
    ].joined(separator: ",")
    let lines = report.counters.map { counter in
      "health_score.\(snakeCase(counter.name)):\(counter.value)|\(counter.isGauge ? "g" : "c")|#\(tags)"
    }
    return Array(lines.joined(separator: "\n").utf8)
  }

  private static func snakeCase(_ name: String) -> String {
    var snake = ""
    for character in name {
      if character.isUppercase, !snake.isEmpty { snake += "_" }
      snake += character.lowercased()
    }
    return snake
  }
}
