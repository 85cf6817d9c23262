import ArgumentParser
import Concurrency
import Formats
import Foundation
import HealthModel

/// Accounts as JSON Lines, as in a snapshot, each turned into a piece of output. The order stays.
struct LineScoring {
  /// A file, or `-` for standard input.
  let path: String

  /// Reports lines that can't be read by their number, and goes on with the others.
  ///
  /// - Parameter result: What is written for an account.
  /// - Throws: ``ExitStatus/usage`` where the file can't be read, ``ExitStatus/failed`` where a line can't.
  func run(_ result: @escaping @Sendable (AccountSnapshot) -> [UInt8]) async throws {
    let input = try LineReader(path: path)
    var isComplete = true
    // The parts of a batch are worked on in parallel and written in order.
    var number = 1
    while let batch = try nextBatch(of: input) {
      let first = number
      number += batch.count
      let chunk = max(1, (batch.count + 3) / 4)
      var parts: [Int: Part] = [:]
      await concurrently(stride(from: 0, to: batch.count, by: chunk)) { start in
        Self.part(batch[start..<min(start + chunk, batch.count)], firstLine: first + start, result)
      } each: { start, result in
        if case .success(let part) = result { parts[start] = part }
      }
      for (_, part) in parts.sorted(by: { $0.key < $1.key }) {
        try Console.output(part.output)
        for error in part.errors {
          isComplete = false
          Console.error(error)
        }
      }
    }
    if !isComplete { throw ExitStatus.failed }
  }

  private func nextBatch(of input: LineReader) throws -> [ArraySlice<UInt8>]? {
    do {
      return try input.next(count: 4000)
    } catch {
      Console.error("\(path): the file can't be read")
      throw ExitStatus.usage
    }
  }

  /// The results of some lines, and one message for each line that can't be read.
  private struct Part: Sendable {
    var output: [UInt8] = []
    var errors: [String] = []
  }

  private static func part(
    _ lines: ArraySlice<ArraySlice<UInt8>>, firstLine: Int, _ result: (AccountSnapshot) -> [UInt8]
  ) -> Part {
    var part = Part()
    for (offset, line) in lines.enumerated().map({
      ($0, firstLine + $0 == 1 ? UTF8Text.withoutMark(Array($1))[...] : $1)
    })
    where line.contains(where: { ![9, 13, 32].contains($0) }) {
      do {
        part.output += result(try AccountSnapshot(line: Array(line)))
      } catch {
        part.errors.append("line \(firstLine + offset): \(error)")
      }
    }
    return part
  }
}

/// Lines of a file or of standard input, a few thousand at a time.
private final class LineReader {
  private let handle: FileHandle
  private var buffer: [UInt8] = []
  private var isAtEnd = false

  init(path: String) throws {
    if path == "-" {
      handle = .standardInput
    } else if let handle = FileHandle(forReadingAtPath: path) {
      self.handle = handle
    } else {
      Console.error("\(path): the file can't be read")
      throw ExitStatus.usage
    }
  }

  /// - Returns: At most `count` lines without their line feeds; nil at the end.
  /// - Throws: If reading fails.
  func next(count: Int) throws -> [ArraySlice<UInt8>]? {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while lines.count < count {
      if let end = lineEnd(from: start) {
        lines.append(buffer[start..<end])
        start = end + 1
      } else if isAtEnd {
        if start < buffer.count { lines.append(buffer[start...]) }
        start = buffer.count
        break
      } else {
        let more = try handle.read(upToCount: 8 << 20) ?? Data()
        isAtEnd = more.isEmpty
        buffer += more
      }
    }
    buffer = Array(buffer[start...])
    return lines.isEmpty ? nil : lines
  }

  private func lineEnd(from start: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start < bytes.count,
        let found = memchr(base + start, 10, bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }
}
