import Formats
import Logging
import Runs
import Snapshots

/// The files of a run, in `OUTPUT_DIR` and, if there is one, in the reports bucket. If one can't be written (full disk,
/// bucket out of reach), the run goes on; the answer is then partial and has a warning.
struct RunFiles: Sendable {
  let request: MonthRequest
  let context: RunContext<HealthScoreSetup>

  /// The names of the files, chosen once per run.
  private let names: SnapshotFiles
  private var folder: ResultStore { context.folder }

  /// Chooses the month's own names, or names with the run's id if an earlier run's files must stay.
  ///
  /// A dry run never replaces a live run's files. A run with clearly lower coverage never replaces one with higher
  /// coverage.
  static func choosing(
    for request: MonthRequest, _ context: RunContext<HealthScoreSetup>, _ answer: inout HealthScoreAnswer
  ) async -> RunFiles {
    let isSelection = request.accounts != nil
    let plain = SnapshotFiles(period: request.period, isSelection: isSelection)
    let files = RunFiles(request: request, context: context, names: plain)
    for store in [files.folder, (try? context.bucket(prefix: SnapshotArchive.bucketPrefix)) ?? nil].compactMap(\.self) {
      // A store that can't be read is skipped here. Writing to it later reports the problem.
      guard let bytes = (try? await store.read(plain.answer)) ?? nil,
        let earlier = try? JSONBody.decode(StoredRun.self, from: bytes),
        let objection = earlier.objection(
          to: context.runID, isDryRun: request.isDryRun, meanCoveragePercent: answer.meanCoveragePercent)
      else { continue }
      let own = SnapshotFiles(period: request.period, isSelection: isSelection, runID: context.runID)
      answer.warn(
        "\(plain.accounts) stays as it is: \(objection). This run's files are \(own.accounts) and its neighbours")
      return RunFiles(request: request, context: context, names: own)
    }
    return files
  }

  private init(request: MonthRequest, context: RunContext<HealthScoreSetup>, names: SnapshotFiles) {
    self.request = request
    self.context = context
    self.names = names
  }

  /// Writes the table (dry run only), the snapshot and the configuration.
  func write(_ scored: [ScoredAccount], _ answer: inout HealthScoreAnswer) async {
    if request.isDryRun {
      answer.csv = await store(names.csv, &answer) { path in
        let table = try AtomicFile(path: path)
        try table.append(CSVReport.headerLine)
        for account in scored { try table.append(CSVReport.line(account, period: request.period)) }
        try table.commit()
      }
    }
    answer.snapshot = await store(names.accounts, &answer) { path in
      let lines = try AtomicFile(path: path)
      for account in scored { try lines.append(account.snapshot.line) }
      try lines.commit()
    }
    let used = ConfigurationSnapshot(
      files: context.setup.configuration.files.byName, mappingHash: context.setup.mappingHash)
    _ = await store(names.configuration, &answer) { try AtomicFile.write(JSONBody.encode(used), to: $0) }
  }

  /// Writes the full answer, even if the caller gets a shortened one.
  func writeAnswer(_ answer: inout HealthScoreAnswer) async {
    let stored = answer
    _ = await store(names.answer, &answer) { path in
      let file = try AtomicFile(path: path)
      try stored.encode { try file.append($0) }
      try file.commit()
    }
  }

  /// - Returns: Where a person finds the file; nil if it could not be written anywhere.
  private func store(
    _ name: String, _ answer: inout HealthScoreAnswer, write: (_ path: String) throws -> Void
  ) async -> String? {
    let path = folder.location(of: name)
    do {
      try write(path)
    } catch {
      problem("the run's files are incomplete: \(error); set OUTPUT_DIR to a folder that can be written", &answer)
      return nil
    }
    do {
      guard let bucket = try context.bucket(prefix: SnapshotArchive.bucketPrefix),
        let bytes = try await folder.read(name)
      else {
        return path
      }
      try await bucket.write(bytes, to: name)
      return bucket.location(of: name)
    } catch {
      problem("\(name) is not in the reports bucket: \(error)", &answer)
      return path
    }
  }

  private func problem(_ text: String, _ answer: inout HealthScoreAnswer) {
    answer.status = .partial
    answer.warn(text)
    context.log.error("a file could not be written", metadata: ["error": "\(text)"])
  }
}
