import Concurrency
import Connectors
import Formats
import HTTPClient
import HealthConfiguration
import HealthSources
import Runs
import Snapshots
import Time

/// A run that several processes share: plan, extract each slice, finish. Each step stores its result in the bucket (or
/// folder), and later steps read it there; only ids are passed between steps. Every step may be repeated.
struct ScaleOut: Sendable {
  let context: RunContext<HealthScoreSetup>
  /// One store for all parts of a step, so that they share its rate limits.
  private let store: ResultStore

  /// - Throws: ``JobError`` if there is no storage that all steps can reach: Lambda needs `REPORTS_BUCKET`.
  init(context: RunContext<HealthScoreSetup>) throws {
    self.context = context
    store = try Self.store(context)
  }

  // MARK: What is kept

  /// What the step `plan` decides for all steps of a run.
  struct Plan: Codable, Sendable {
    static let version = 3

    var version = Plan.version
    var runID: String
    var startedAt: Timestamp
    var request: MonthRequest
    /// Hash of configuration and mapping. All steps need the same ones, because slices name accounts by their position.
    var configuration: String
    /// How many processes share the vendors' rate limits.
    var shares: Int
    /// Slices by source, without inactive sources.
    var sources: [String: PlannedSource]
  }

  struct PlannedSource: Codable, Sendable {
    var slices: Int
    /// Why planning failed; nil if it did not.
    var error: String?
    var usage: RequestUsage
  }

  private struct Part<Partial: PartialResult>: Codable, Sendable {
    var usage: RequestUsage
    var partial: Partial
  }

  private struct Failure: Codable, Sendable {
    var error: String
  }

  /// The bucket; without one a folder, which works on one machine only.
  private static func store(_ context: RunContext<HealthScoreSetup>) throws -> ResultStore {
    let prefix = "runs/\(context.runID)/"
    if let bucket = try context.bucket(prefix: prefix) { return bucket }
    guard !context.environment.isLambda else {
      throw JobError(.invalidConfiguration, "step: set REPORTS_BUCKET; the parts of a shared run travel through it")
    }
    return .folder("\(context.environment.outputDirectory)/\(prefix.dropLast())")
  }

  private static func sliceID(_ source: SourceID, _ index: Int) -> String {
    let digits = "\(index)"
    return "\(source.name)-\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)"
  }

  private func write(_ value: some Encodable, to name: String) async throws {
    do {
      try await store.write(try JSONBody.encode(value), to: name)
    } catch let error as JobError {
      throw error
    } catch {
      throw JobError(.storageUnavailable, "a part of the run could not be stored: \(error)")
    }
  }

  private func read<Value: Decodable>(_ type: Value.Type, from name: String) async throws -> Value? {
    do {
      guard let bytes = try await store.read(name) else { return nil }
      return try JSONBody.decode(type, from: bytes)
    } catch let error as JobError {
      throw error
    } catch {
      throw JobError(.storageUnavailable, "a part of the run could not be read: \(name): \(error)")
    }
  }

  private func lost(_ part: String) -> JobError {
    JobError(.storageUnavailable, "\(part) of run \(context.runID) is planned but no longer stored; start a new run")
  }

  private var configurationHash: String {
    var files = context.setup.configuration.files.byName
    files[ConfigurationFiles.mappingName] = context.setup.mappingFile
    return ConfigurationSnapshot(files: files).hash
  }

  // MARK: Plan

  /// What the state machine gets. It has ids only.
  struct PlanAnswer: Encodable, Sendable {
    var step = HealthScoreKeys.Step.plan
    var runID: String
    var period: Period
    var asOf: Timestamp
    var dryRun: Bool
    var slices: [String]

    private enum CodingKeys: String, CodingKey {
      case step, period, slices
      case runID = "run_id"
      case asOf = "as_of"
      case dryRun = "dry_run"
    }

    init(_ plan: Plan) {
      runID = plan.runID
      period = plan.request.period
      asOf = plan.request.asOf
      dryRun = plan.request.isDryRun
      slices = SourceRegistry.ids.flatMap { source in
        (0..<(plan.sources[source.name]?.slices ?? 0)).map { ScaleOut.sliceID(source, $0) }
      }
    }
  }

  /// Lists the slices of a run. If the run is planned already, the answer is the same again.
  func plan(_ request: MonthRequest) async throws -> PlanAnswer {
    if let plan = try await read(Plan.self, from: "plan.json") {
      try check(plan)
      guard plan.request.isDryRun == request.isDryRun, plan.request.period == request.period,
        plan.request.accounts == request.accounts
      else {
        throw JobError(
          .invalidEvent,
          "the event is refused: run_id: \(context.runID) is planned already, for \(plan.request.period)\(plan.request.isDryRun ? " as a dry run" : "") and maybe other accounts; take another id"
        )
      }
      return PlanAnswer(plan)
    }
    let job = HealthScoreRun(request: request, context: context)
    let extraction = try await job.preparedExtraction()
    var plan = Plan(
      runID: context.runID, startedAt: context.now, request: request, configuration: configurationHash,
      shares: context.operations.extractConcurrency, sources: [:])
    for active in context.sources.active(for: extraction) {
      plan.sources[active.source.id.name] = try await planned(active.source, api: active.api)
    }
    try await write(plan, to: "plan.json")
    return PlanAnswer(plan)
  }

  private func planned(_ source: some HealthSource, api: APIClient) async throws -> PlannedSource {
    do {
      let plan = try await source.plan()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (index, slice) in plan.slices.enumerated() {
          group.addTask { try await write(slice, to: "\(Self.sliceID(source.id, index)).slice.json") }
        }
        try await group.waitForAll()
      }
      try await write(plan.found, to: "\(source.id.name).found.json")
      return PlannedSource(slices: plan.slices.count, usage: api.usage)
    } catch let error as JobError {
      throw error
    } catch {
      return PlannedSource(slices: 0, error: source.id.message(for: error), usage: api.usage)
    }
  }

  private func check(_ plan: Plan) throws {
    guard plan.version == Plan.version, plan.configuration == configurationHash else {
      throw JobError(
        .invalidConfiguration,
        "run_id: \(context.runID) was planned with another configuration or version; start a new run")
    }
  }

  /// The plan that a later step belongs to.
  func storedPlan() async throws -> Plan {
    guard let plan = try await read(Plan.self, from: "plan.json") else {
      throw JobError(
        .invalidEvent, "the event is refused: run_id: \(context.runID) is not planned; begin with step plan")
    }
    try check(plan)
    return plan
  }

  private func extraction(of plan: Plan) throws -> Extraction {
    try HealthScoreRun(request: plan.request, context: context).extraction()
  }

  // MARK: Extract

  struct ExtractAnswer: Encodable, Sendable {
    let step = HealthScoreKeys.Step.extract
    let runID: String
    let slice: String
    let status = "succeeded"
    let requests: Int

    private enum CodingKeys: String, CodingKey {
      case step, slice, status, requests
      case runID = "run_id"
    }
  }

  /// Reads one slice and stores the result. It replaces the result of an earlier try.
  func extract(_ slice: String) async throws -> ExtractAnswer {
    let plan = try await storedPlan()
    let parts = slice.split(separator: "-")
    guard parts.count == 2, let id = SourceRegistry.ids.first(where: { $0.name == parts[0] }),
      let index = Int(parts[1]),
      let count = plan.sources[id.name]?.slices, (0..<count).contains(index), slice == Self.sliceID(id, index)
    else {
      throw JobError(.invalidEvent, "the event is refused: slice: the run has no slice \(slice)")
    }
    let sources = context.sources(shares: plan.shares).active(for: try extraction(of: plan))
    guard let active = sources.first(where: { $0.source.id == id }) else {
      throw JobError(.noCredentials, "slice: \(id.title) has no credentials here, but had them in the plan")
    }
    try await extract(active.source, slice, api: active.api)
    return ExtractAnswer(runID: context.runID, slice: slice, requests: active.api.usage.requests)
  }

  private func extract<S: HealthSource>(_ source: S, _ id: String, api: APIClient) async throws {
    guard let slice = try await read(S.Slice.self, from: "\(id).slice.json") else {
      throw lost(id)
    }
    do {
      let partial = try await source.read(slice)
      try await write(Part(usage: api.usage, partial: partial), to: "\(id).part.json")
    } catch let error as JobError {
      throw error
    } catch {
      let message = source.id.message(for: error)
      // For the report, if no later try succeeds.
      try await write(Failure(error: message), to: "\(id).failure.json")
      let isFinal = (error as? SourceError).map { $0.kind != .unavailable } ?? false
      throw JobError(isFinal ? .sliceRefused : .sliceFailed, message)
    }
  }

  // MARK: Finish

  /// Merges the stored results of all slices. A slice without a result has failed.
  func outcomes(_ plan: Plan, of extraction: Extraction) async throws -> [SourceID: SourceOutcome] {
    let sources = context.sources
    let extractor = Extractor(log: context.log)
    var outcomes: [SourceID: SourceOutcome] = [:]
    for active in sources.active(for: extraction) {
      let (source, api) = (active.source, active.api)
      guard let planned = plan.sources[source.id.name] else { continue }
      var outcome =
        if let error = planned.error {
          extractor.failed(source, error)
        } else {
          try await outcome(of: source, planned, extractor)
        }
      outcome.report.add(planned.usage)
      outcome.report.add(api.usage)
      extractor.log(outcome, of: source.id)
      outcomes[source.id] = outcome
    }
    return sources.completed(outcomes, for: extraction)
  }

  private func outcome<S: HealthSource>(
    of source: S, _ planned: PlannedSource, _ extractor: Extractor
  ) async throws -> SourceOutcome {
    var reading = SourceReading<S>(partial: S.Partial(), sliceCount: planned.slices)
    guard let found = try await read(S.Partial.self, from: "\(source.id.name).found.json") else {
      throw lost("\(source.id.name).found.json")
    }
    reading.partial.merge(found)
    var usages: [RequestUsage] = []
    let ids = (0..<planned.slices).map { Self.sliceID(source.id, $0) }
    var unread: [String] = []
    var lost: (any Error)?
    await concurrently(ids) {
      try await read(Part<S.Partial>.self, from: "\($0).part.json")
    } each: { id, result in
      switch result {
      case .success(let part?):
        reading.partial.merge(part.partial)
        usages.append(part.usage)
      case .success(nil): unread.append(id)
      case .failure(let error): lost = error
      }
    }
    if let lost { throw lost }
    for id in unread {
      let failure = try await read(Failure.self, from: "\(id).failure.json")
      reading.errors.insert(failure?.error ?? "the slice was not read, or its process was ended")
      // The slice is needed to tell which metrics are missing.
      guard let slice = try await read(S.Slice.self, from: "\(id).slice.json") else { throw self.lost(id) }
      reading.failed.append(slice)
    }
    var outcome = await extractor.outcome(of: source, reading)
    for usage in usages { outcome.report.add(usage) }
    return outcome
  }
}
