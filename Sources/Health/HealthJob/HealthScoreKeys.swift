import Formats
import Runs
import Time

/// The event's keys that are the health score's own.
public struct HealthScoreKeys: EventKeys {
  /// Nil: the month before the event's time.
  public var period: Period?
  /// Nil: all accounts of the mapping.
  public var accounts: [SalesforceID]?
  /// Allows a live run of a month before the last closed one.
  public var backfill = false
  /// Key `step`: one step of a run that several processes share; nil for a whole run.
  public var step: Step?
  /// Key `run_id`, only with `step`: the shared run.
  public var runID: String?
  /// Key `slice`: the slice that the step `extract` reads; nil for all other events.
  public var slice: String?
  /// `as_of`, which fixes the instant of a plan.
  public var instant: Timestamp?

  /// The steps of a run that several processes share.
  public enum Step: String, CaseIterable, Sendable, Codable {
    /// Lists the slices.
    case plan
    /// Reads one slice.
    case extract
    /// Merges, scores, loads and reports.
    case finish
  }

  public static let names = ["period", "accounts", "backfill", "step", "run_id", "slice", "as_of"]

  public static let example =
    #"{"job": "health_score", "period": "2026-10", "dry_run": true, "accounts": ["001…"], "backfill": false}"#

  public init() {}

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: AnyCodingKey.self)
    period = try Self.period(container)
    backfill = try container.decodeIfPresent(Bool.self, forKey: AnyCodingKey("backfill")) ?? false
    let list = AnyCodingKey("accounts")
    accounts = try container.decodeIfPresent([SalesforceID].self, forKey: list)
    if accounts?.isEmpty ?? false {
      throw DecodingError.dataCorruptedError(
        forKey: list, in: container,
        debugDescription: "is empty, expected at least one Salesforce id, or no such key for all accounts")
    }
    step = try container.decodeIfPresent(Step.self, forKey: AnyCodingKey("step"))
    runID = try Self.name(container, "run_id")
    slice = try Self.name(container, "slice")
    let asOf = AnyCodingKey("as_of")
    instant = try container.decodeIfPresent(Timestamp.self, forKey: asOf)
    if instant != nil, step == nil {
      throw DecodingError.dataCorruptedError(
        forKey: asOf, in: container, debugDescription: "belongs to a step; pass step too")
    }
  }

  public var subject: String? { period.map { "\($0)" } }

  /// A value that becomes part of file names: 1 to 80 letters, digits, `-` and `_`; nil if the key is absent.
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

  /// A plan is asked like a run, the other steps know the run by its id.
  public func problem(isDryRun: Bool, time: Timestamp?) -> String? {
    // What only a plan decides; passing over `dry_run` would be a live write.
    let repeatsPlan = isDryRun || backfill || period != nil || accounts != nil || time != nil
    return switch step {
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
