#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let systemWrite = write

/// A file that is there as a whole or not at all: written beside its place and moved there at the end. For its owner only:
/// what customers pay is nobody else's on a shared machine.
public final class AtomicFile {
  /// What could not be written, and the system's reason.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  private let path: String
  private let temporaryPath: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []

  /// Creates the folder where it is missing.
  ///
  /// - Throws: ``Failure``.
  public init(path: String) throws {
    self.path = path
    // Two writers of a path, in one process or several, have a file each; the last one stays.
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

  /// Collects bytes and writes them in larger pieces.
  public func append(_ bytes: [UInt8]) throws {
    buffer += bytes
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Puts the file in its place; without this call nothing of it remains.
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
