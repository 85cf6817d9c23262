import AWSClient
import ArgumentParser
import ConfigurationReading
import CurlTransport
import Formats
import Foundation
import HealthConfiguration
import HealthModel
import Insight
import Runs
import Scoring
import Snapshots
import Time

/// How a command prints its result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case table, json, csv
}

/// Where the snapshots of runs are.
struct SnapshotOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help:
      "Folder of the snapshots, or s3://BUCKET[/PREFIX] (default: OUTPUT_DIR, else REPORTS_BUCKET where it is set, else output)."
  )
  var place: String?

  /// - Throws: `ConfigurationError` where a bucket is meant that can't be reached.
  func archive(_ environment: Environment = .process()) throws -> SnapshotArchive {
    SnapshotArchive(try store(environment))
  }

  func store(_ environment: Environment = .process()) throws -> ResultStore {
    if let place {
      guard let address = place.s3Address else { return .folder(place) }
      return try bucket(address.bucket, prefix: address.prefix ?? SnapshotArchive.bucketPrefix, environment)
    }
    if environment["OUTPUT_DIR"] == nil, let name = environment["REPORTS_BUCKET"] {
      return try bucket(name, prefix: SnapshotArchive.bucketPrefix, environment)
    }
    return .folder(environment.outputDirectory)
  }

  private func bucket(_ name: String, prefix: String, _ environment: Environment) throws -> ResultStore {
    let operations = Operations(environment, readFile: JobRunner.fileText)
    guard operations.problems.isEmpty else { throw ConfigurationError(problems: operations.problems) }
    guard let settings = operations.aws else {
      throw ConfigurationError(problems: ["s3://\(name): there are no AWS credentials in the environment to read it"])
    }
    return .bucket(S3Bucket(name, settings: settings, transport: try CurlMultiTransport()), prefix: prefix)
  }
}

extension String {
  /// `s3://bucket/prefix`; the prefix ends with `/`, and is nil where there is none.
  fileprivate var s3Address: (bucket: String, prefix: String?)? {
    guard hasPrefix("s3://") else { return nil }
    let rest = dropFirst("s3://".count)
    let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[1].isEmpty else { return (parts[0], nil) }
    return (parts[0], parts[1].hasSuffix("/") ? parts[1] : parts[1] + "/")
  }
}

extension SnapshotArchive {
  /// The month's own files.
  ///
  /// - Parameter period: As typed, YYYY-MM; nil for the newest month.
  /// - Throws: ``SnapshotError`` where there are none.
  func month(_ period: String?, option: String = "--period") async throws -> SnapshotFiles {
    let months = try await months()
    guard let period else {
      guard let newest = months.last else {
        throw SnapshotError("there is no snapshot in \(place); make one with `healthscore run --dry-run`")
      }
      return newest
    }
    guard let wanted = Period(period) else { throw SnapshotError("\(option): expected a month such as 2026-10") }
    guard let files = months.last(where: { $0.period == wanted }) else {
      throw SnapshotError(
        "there is no snapshot of \(period) in \(place); make one with `healthscore run --period \(period) --dry-run`")
    }
    return files
  }
}

extension Console {
  /// Runs a command's work. What the person who typed it can mend ends with status 2 and nothing on standard output.
  static func reportingProblems<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
      return try await work()
    } catch let error as ExitCode {
      throw error
    } catch let error as ConfigurationError {
      self.error("\(error)")
      throw ExitStatus.usage
    } catch let error as SnapshotError {
      self.error("\(error)")
      throw ExitStatus.usage
    } catch {
      self.error("\(error)")
      throw ExitStatus.failed
    }
  }
}

extension ScoringModel {
  /// - Parameter place: A folder of configuration files, or the `.config.json` of a run; nil for `CONFIG_DIR`.
  static func reading(_ place: String?) throws -> ScoringModel {
    if let place, place.hasSuffix(".json") {
      return try ScoringModel(stored: (try? Data(contentsOf: URL(filePath: place))).map { Array($0) }, place: place)
    }
    return try ScoringModel(ConfigurationFiles(folder: Environment.process(configFolder: place).configDirectory))
  }
}
