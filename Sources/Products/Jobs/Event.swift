import Formats
import Time

/// What a caller asks for, checked: unknown keys, double keys and wrong types are errors, because a misspelt
/// `dry_run` must never become a live write.
public struct Event: Sendable, Equatable {
  public var job: String?
  public var period: Period?
  public var dryRun = false
  public var accounts: [SalesforceID]?
  public var backfill = false
  /// A part of a run that several processes share; nil for a whole run.
  public var step: Step?
  /// Names the shared run; a step's.
  public var runID: String?
  /// Which slice to extract; a step's.
  public var slice: String?
  /// When EventBridge sent it; nil for a direct call.
  public var time: Timestamp?

  public init() {}

  /// The steps of a run that several processes share.
  public enum Step: String, CaseIterable, Sendable, Codable {
    /// Lists the slices.
    case plan
    /// Reads one slice.
    case extract
    /// Merges, scores, loads and reports.
    case finish
  }

  private static let form =
    #"expected {"job": "health_score", "period": "2026-10", "dry_run": true, "accounts": ["001…"], "backfill": false}, every key optional, or an EventBridge event with these keys under "detail""#

  /// - Throws: ``JobError`` of kind `invalidEvent` that names the place and the allowed form.
  public init(json: [UInt8]) throws {
    func invalid(_ message: String) -> JobError { JobError(.invalidEvent, "the event is refused: \(message)") }
    guard json.contains(where: { ![9, 10, 13, 32].contains($0) }) else { throw invalid("it is empty; \(Event.form)") }
    do {
      let envelope = try JSONBody.decode(Envelope.self, from: json)
      self = envelope.event
      if let key = DuplicateKeys.first(in: json) { throw invalid("\(key): is given twice") }
      if let detail = envelope.detailText {
        let inner = Array(detail.utf8)
        do {
          self = try JSONBody.decode(Details.self, from: inner).event
        } catch let error as JSONBodyError {
          throw JSONBodyError(description: "detail: a text that does not hold our keys as JSON: \(error)")
        }
        if let key = DuplicateKeys.first(in: inner) { throw invalid("detail.\(key): is given twice") }
        time = time ?? envelope.event.time
      }
    } catch let error as JSONBodyError {
      throw invalid("\(error); \(Event.form)")
    }
    if let problem = stepProblem { throw invalid(problem) }
  }
}

extension Event {
  /// Keys that don't fit together: a plan is asked like a run, the other steps know it by its id.
  private var stepProblem: String? {
    switch step {
    case nil: runID ?? slice == nil ? nil : "run_id, slice: belong to a step; pass step too"
    case .plan: slice == nil ? nil : "slice: belongs to the step extract"
    case .extract where repeatsPlan, .finish where repeatsPlan:
      "period, dry_run, accounts, backfill, as_of: belong to the step plan; the run goes on as it was planned"
    case .extract where slice == nil: "slice: is missing, the step extract reads one"
    case .finish where slice != nil: "slice: belongs to the step extract"
    case .extract, .finish: runID == nil ? "run_id: is missing, the step belongs to a planned run" : nil
    }
  }
}

extension Event {
  /// Whether it says what only a plan decides; passing over `dry_run` would be a live write.
  private var repeatsPlan: Bool { dryRun || backfill || period != nil || accounts != nil || time != nil }
}

/// Either form: EventBridge's envelope around the keys, or the keys themselves.
private struct Envelope: Decodable {
  let event: Event
  /// EventBridge Scheduler's envelope has a text there that holds JSON; nil in every other form.
  var detailText: String?

  private static let keys: Set<String> = [
    "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "replay-name",
  ]

  init(from decoder: any Decoder) throws {
    let container: KeyedDecodingContainer<AnyCodingKey>
    do {
      container = try decoder.container(keyedBy: AnyCodingKey.self)
    } catch DecodingError.typeMismatch {
      throw DecodingError.typeMismatch(
        [String: String].self, .init(codingPath: [], debugDescription: "expected an object"))
    }
    let names = Set(container.allKeys.map(\.stringValue))
    guard names.contains("detail") || names.contains("detail-type") else {
      event = try Details(from: decoder).event
      return
    }
    try Envelope.refuseUnknown(container, known: Envelope.keys, hint: "keys of ours go under \"detail\"")
    let detail = AnyCodingKey("detail")
    detailText = try? container.decode(String.self, forKey: detail)
    var event =
      detailText == nil ? try container.decodeIfPresent(Details.self, forKey: detail)?.event ?? Event() : Event()
    // A step fixes its own instant.
    event.time = try event.time ?? container.decodeIfPresent(Timestamp.self, forKey: AnyCodingKey("time"))
    self.event = event
  }

  static func refuseUnknown(
    _ container: KeyedDecodingContainer<AnyCodingKey>, known: Set<String>, hint: String
  ) throws {
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) where !known.contains(key.stringValue)
    {
      let name = key.stringValue.prefix(60).filter { !$0.isNewline }
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: container.codingPath + [AnyCodingKey(String(name))],
          debugDescription: "unknown key, allowed are \(known.sorted().joined(separator: ", ")); \(hint)"))
    }
  }
}

private struct Details: Decodable {
  let event: Event

  private static let keys: Set<String> = [
    "job", "period", "dry_run", "accounts", "backfill", "step", "run_id", "slice", "as_of",
  ]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyCodingKey.self)
    try Envelope.refuseUnknown(container, known: Details.keys, hint: "names are exact")
    var event = Event()
    event.job = try container.decodeIfPresent(JobName.self, forKey: AnyCodingKey("job"))?.rawValue
    event.period = try Details.period(container)
    event.dryRun = try container.decodeIfPresent(Bool.self, forKey: AnyCodingKey("dry_run")) ?? false
    event.backfill = try container.decodeIfPresent(Bool.self, forKey: AnyCodingKey("backfill")) ?? false
    let accounts = AnyCodingKey("accounts")
    event.accounts = try container.decodeIfPresent([SalesforceID].self, forKey: accounts)
    if event.accounts?.isEmpty ?? false {
      throw DecodingError.dataCorruptedError(
        forKey: accounts, in: container,
        debugDescription: "is empty, expected at least one Salesforce id, or no such key for all accounts")
    }
    event.step = try container.decodeIfPresent(Event.Step.self, forKey: AnyCodingKey("step"))
    event.runID = try Details.name(container, "run_id")
    event.slice = try Details.name(container, "slice")
    let asOf = AnyCodingKey("as_of")
    event.time = try container.decodeIfPresent(Timestamp.self, forKey: asOf)
    if event.time != nil, event.step == nil {
      throw DecodingError.dataCorruptedError(
        forKey: asOf, in: container, debugDescription: "belongs to a step; pass step too")
    }
    self.event = event
  }

  /// What becomes a part of file names: letters, digits, `-` and `_`, 80 at most.
  private static func name(_ container: KeyedDecodingContainer<AnyCodingKey>, _ name: String) throws -> String? {
    let key = AnyCodingKey(name)
    guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
    guard text.isASCIIAlphanumeric(or: "-_"), (1...80).contains(text.utf8.count) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container, debugDescription: "expected 1 to 80 letters, digits, - and _")
    }
    return text
  }

  private static func period(_ container: KeyedDecodingContainer<AnyCodingKey>) throws -> Period? {
    let key = AnyCodingKey("period")
    let expected = #"expected a month as text, such as "2026-10""#
    do {
      guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
      if let period = Period(text) { return period }
    } catch DecodingError.typeMismatch {}
    throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: expected)
  }
}

/// The jobs that one artifact runs.
public enum JobName: String, CaseIterable, Sendable {
  case healthScore = "health_score"
  case customerSync = "customer_sync"
  case businessMetrics = "business_metrics"
}

extension JobName: Decodable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let name = JobName(rawValue: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription: "unknown job, expected one of \(JobName.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self = name
  }
}
