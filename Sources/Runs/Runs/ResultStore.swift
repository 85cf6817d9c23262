import AWSClient
import FoundationEssentials

/// Stores result files in a folder or a bucket. A file's name may contain `/` for subfolders.
public enum ResultStore: Sendable {
  case folder(String)
  /// - Parameter prefix: Is put before every name; empty, or with `/` at its end.
  case bucket(S3Bucket, prefix: String)

  /// Where runs leave their files in the reports bucket.
  public static let reportsPrefix = "reports/"

  /// Where a person finds the file: a path, or `s3://…`.
  public func location(of name: String) -> String {
    switch self {
    case .folder(let folder): "\(folder)/\(name)"
    case .bucket(let bucket, let prefix): "s3://\(bucket.name)/\(prefix)\(name)"
    }
  }

  /// Replaces the whole file. After an error the earlier file is unchanged.
  ///
  /// - Throws: ``AtomicFile/Failure``, or what ``S3Bucket`` throws.
  public func write(_ bytes: [UInt8], to name: String) async throws {
    switch self {
    case .folder: try AtomicFile.write(bytes, to: location(of: name))
    case .bucket(let bucket, let prefix):
      try await bucket.put(bytes, at: prefix + name, contentType: Self.contentType(of: name))
    }
  }

  /// A file's bytes; nil if there is none. In a folder, also nil if the file can't be read.
  ///
  /// - Throws: What ``S3Bucket`` throws.
  public func read(_ name: String) async throws -> [UInt8]? {
    switch self {
    case .folder: return (try? Data(contentsOf: URL(filePath: location(of: name)))).map { Array($0) }
    case .bucket(let bucket, let prefix): return try await bucket.object(at: prefix + name)
    }
  }

  /// Names of all files right here, in order; none where there is no such folder.
  ///
  /// - Throws: What ``S3Bucket`` throws.
  public func names() async throws -> [String] {
    switch self {
    case .folder(let folder): return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    case .bucket(let bucket, let prefix):
      return try await bucket.keys(under: prefix).map { String($0.dropFirst(prefix.count)) }
        .filter { !$0.isEmpty && !$0.contains("/") }
    }
  }

  private static func contentType(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "csv": "text/csv; charset=utf-8"
    case "jsonl": "application/x-ndjson"
    default: "application/json"
    }
  }
}
