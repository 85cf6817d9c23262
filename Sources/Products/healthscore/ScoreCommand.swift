import ArgumentParser
import Concurrency
import ConfigurationReading
import Formats
import Foundation
import HealthConfiguration
import Scoring
import Snapshots

struct ScoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Score raw metrics (JSON Lines, as in a snapshot) without any network; one full result a line.")

  @Option(help: "File of JSON Lines, or - for standard input.") var metrics: String
  @Option(
    name: .customLong("config"),
    help: "Folder of the configuration, or the .config.json of a run (default: CONFIG_DIR, else config).")
  var config: String?

  func run() async throws {
    let scorer: Scorer
    do {
      scorer = Scorer(model: try scoringModel())
    } catch let error as ConfigurationError {
      Console.error("\(error)")
      throw ExitStatus.usage
    }
    let input = try LineReader(path: metrics)
    var isComplete = true
    // The parts of a batch are scored in parallel and written in order.
    var number = 1
    while let batch = try nextBatch(of: input) {
      let first = number
      number += batch.count
      let chunk = max(1, (batch.count + 3) / 4)
      var parts: [Int: Scored] = [:]
      await concurrently(stride(from: 0, to: batch.count, by: chunk)) { start in
        ScoreCommand.score(batch[start..<min(start + chunk, batch.count)], firstLine: first + start, scorer)
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
      Console.error("\(metrics): the file can't be read")
      throw ExitStatus.usage
    }
  }

  /// The results of some lines, and one message for each line that can't be scored.
  private struct Scored: Sendable {
    var output: [UInt8] = []
    var errors: [String] = []
  }

  private static func score(
    _ lines: ArraySlice<ArraySlice<UInt8>>, firstLine: Int, _ scorer: Scorer
  ) -> Scored {
    var scored = Scored()
    for (offset, line) in lines.enumerated().map({
      ($0, firstLine + $0 == 1 ? UTF8Text.withoutMark(Array($1))[...] : $1)
    })
    where line.contains(where: { ![9, 13, 32].contains($0) }) {
      do {
        let snapshot = try AccountSnapshot(line: Array(line))
        let score = scorer.score(snapshot)
        scored.output += score.line(accountID: snapshot.accountID, drivers: score.driverTexts)
      } catch {
        scored.errors.append("line \(firstLine + offset): \(error)")
      }
    }
    return scored
  }

  private func scoringModel() throws -> ScoringModel {
    if let config, config.hasSuffix(".json") {
      return try ScoringModel(stored: (try? Data(contentsOf: URL(filePath: config))).map { Array($0) }, place: config)
    }
    return try ScoringModel(ConfigurationFiles(folder: Environment.process(configFolder: config).configDirectory))
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
