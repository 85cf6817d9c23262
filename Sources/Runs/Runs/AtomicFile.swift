#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let systemWrite = write

/// A file that is written completely or not at all: it has a temporary name and is renamed at the end. Only its owner
/// can read it, because it holds what customers pay.
public final class AtomicFile {
  /// What could not be written, and the system's reason.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  private let path: String
  private let temporaryPath: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []

  /// Creates the temporary file, and the folder if it is missing.
  ///
  /// - Throws: ``Failure``.
  public init(path: String) throws {
    self.path = path
    // Several writers of a path each have their own temporary file. The last one to commit wins.
    temporaryPath = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).partial"
    if let slash = path.lastIndex(of: "/") { try AtomicFile.createFolder(String(path[..<slash])) }
    descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw AtomicFile.failure("create", path) }
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      unlink(temporaryPath)
    }
  }

  /// Collects bytes and writes them in pieces of at least 64 KiB.
  ///
  /// - Throws: ``Failure``.
  public func append(_ bytes: [UInt8]) throws {
    buffer += bytes
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Renames the file to its path. Without this call the temporary file is deleted.
  ///
  /// - Throws: ``Failure``.
  public func commit() throws {
    try flush()
    let status = close(descriptor)
    descriptor = -1
    guard status == 0, rename(temporaryPath, path) == 0 else {
      let failure = AtomicFile.failure("write", path)
      unlink(temporaryPath)
      throw failure
    }
  }

  /// Writes a whole file. Creates the folder if it is missing.
  ///
  /// - Throws: ``Failure``. An earlier file then stays as it was.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try AtomicFile(path: path)
    try file.append(bytes)
    try file.commit()
  }

  private func flush() throws {
    var start = 0
    while start < buffer.count {
      let count = buffer[start...].withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw AtomicFile.failure("write", path) }
      start += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func createFolder(_ path: String) throws {
    guard !path.isEmpty, access(path, F_OK) != 0 else { return }
    if let slash = path.lastIndex(of: "/") { try createFolder(String(path[..<slash])) }
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("create the folder", path) }
  }

  private static func failure(_ action: String, _ path: String) -> Failure {
    Failure(description: "can't \(action) \(path): \(String(cString: strerror(errno)))")
  }
}
