import Formats
import Time

/// The keys of an event that are one job's own.
///
/// `init(from:)` reads them from the object that holds all keys. Unknown keys have been refused by then. Errors name the key
/// and what was expected.
public protocol EventKeys: Decodable, Sendable {
  /// Of an event without any.
  init()

  static var names: [String] { get }

  /// An event as people may write it, with every key.
  static var example: String { get }

  /// The instant that counts in place of the event's own; nil where the keys name none.
  var instant: Timestamp? { get }

  /// What the event itself says it is about, for the report of a refusal; nil where it leaves that to the job.
  var subject: String? { get }

  /// Keys that don't fit together, and what to do; nil where all is well.
  func problem(isDryRun: Bool, time: Timestamp?) -> String?
}

extension EventKeys {
  public var instant: Timestamp? { nil }

  public var subject: String? { nil }

  public func problem(isDryRun: Bool, time: Timestamp?) -> String? { nil }
}

/// What a caller asks for, checked: unknown keys, double keys and wrong types are errors, because a misspelt `dry_run` must
/// never become a live write.
public struct Event<Keys: EventKeys>: Sendable {
  public var isDryRun = false
  public var keys = Keys()
  /// When EventBridge sent the event, or the key `as_of` of a step; nil for a direct call.
  public var time: Timestamp?

  /// An event without keys: a live run of the last closed month.
  public init() {}

  /// - Parameter jobs: Whose keys there are.
  /// - Throws: ``JobError`` of kind `invalidEvent` that names the place and the allowed form.
  public init(json: [UInt8], jobs: JobTable) throws {
    func invalid(_ message: String) -> JobError { JobError(.invalidEvent, "the event is refused: \(message)") }
    let form = "expected \(Keys.example), every key optional, or an EventBridge event with these keys under \"detail\""
    guard !EventJSON.isBlank(json) else { throw invalid("it is empty; \(form)") }
    do {
      let envelope = try EventJSON.decode(EventEnvelope<Keys>.self, from: json, jobs)
      self = envelope.event
      if let key = DuplicateKeys.first(in: json) { throw invalid("\(key): is given twice") }
      if let detail = envelope.detailText {
        let inner = Array(detail.utf8)
        do {
          self = try EventJSON.decode(EventDetails<Keys>.self, from: inner, jobs).event
        } catch let error as JSONBodyError {
          throw JSONBodyError(description: "detail: a text that does not hold our keys as JSON: \(error)")
        }
        if let key = DuplicateKeys.first(in: inner) { throw invalid("detail.\(key): is given twice") }
        time = time ?? envelope.event.time
      }
    } catch let error as JSONBodyError {
      throw invalid("\(error); \(form)")
    }
    if let problem = keys.problem(isDryRun: isDryRun, time: time) { throw invalid(problem) }
  }
}

extension CodingUserInfoKey {
  /// A `JobTable`.
  fileprivate static let jobs = CodingUserInfoKey(rawValue: "jobs") ?? { preconditionFailure("a name is a name") }()
}

enum EventJSON {
  static func isBlank(_ json: [UInt8]) -> Bool { !json.contains { ![9, 10, 13, 32].contains($0) } }

  fileprivate static func decode<Value: Decodable>(
    _ type: Value.Type, from json: [UInt8], _ jobs: JobTable
  ) throws -> Value {
    try JSONBody.decode(type, from: json, userInfo: [.jobs: jobs])
  }

  /// The job that an event names, whatever else is wrong with it; nil where it names none.
  static func jobName(in json: [UInt8]) -> String? {
    guard let event = try? JSONBody.decode(NamedJob.self, from: json) else { return nil }
    return event.detail?.job ?? event.detailText.flatMap { jobName(in: Array($0.utf8)) } ?? event.job
  }

  private struct NamedJob: Decodable {
    struct Detail: Decodable {
      let job: String?
    }

    let job: String?
    let detail: Detail?
    let detailText: String?

    private enum CodingKeys: String, CodingKey { case job, detail }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      job = container.lenient(String.self, .job)
      detail = container.lenient(Detail.self, .detail)
      detailText = container.lenient(String.self, .detail)
    }
  }

  fileprivate static func refuseUnknown(
    _ container: KeyedDecodingContainer<AnyCodingKey>, known: some Sequence<String>, hint: String, jobs: JobTable? = nil
  ) throws {
    let known = Set(known)
    for key in container.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) where !known.contains(key.stringValue)
    {
      let name = key.stringValue.prefix(60).filter { !$0.isNewline }
      let owner = jobs?.owner(ofKey: key.stringValue).map { "a key of the job \($0), allowed here are " }
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: container.codingPath + [AnyCodingKey(String(name))],
          debugDescription: (owner ?? "unknown key, allowed are ") + known.sorted().joined(separator: ", ")
            + "; \(hint)"))
    }
  }
}

/// Both forms of an event: our keys alone, or inside EventBridge's envelope.
private struct EventEnvelope<Keys: EventKeys>: Decodable {
  let event: Event<Keys>
  /// The value of `detail` if it is a text: EventBridge Scheduler sends our keys as JSON in a string. Else nil.
  let detailText: String?

  private static var keys: [String] {
    ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "replay-name"]
  }

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
      event = try EventDetails<Keys>(from: decoder).event
      detailText = nil
      return
    }
    try EventJSON.refuseUnknown(container, known: Self.keys, hint: "keys of ours go under \"detail\"")
    let detail = AnyCodingKey("detail")
    detailText = try? container.decode(String.self, forKey: detail)
    var event = Event<Keys>()
    if detailText == nil {
      event = try container.decodeIfPresent(EventDetails<Keys>.self, forKey: detail)?.event ?? event
    }
    // A step's own `as_of` counts more than the envelope's time.
    event.time = try event.time ?? container.decodeIfPresent(Timestamp.self, forKey: AnyCodingKey("time"))
    self.event = event
  }
}

/// The keys of ours.
private struct EventDetails<Keys: EventKeys>: Decodable {
  let event: Event<Keys>

  init(from decoder: any Decoder) throws {
    let jobs = decoder.userInfo[.jobs] as? JobTable
    let container = try decoder.container(keyedBy: AnyCodingKey.self)
    try EventJSON.refuseUnknown(
      container, known: ["job", "dry_run"] + Keys.names, hint: "names are exact", jobs: jobs)
    let job = AnyCodingKey("job")
    if let name = try container.decodeIfPresent(String.self, forKey: job), let names = jobs?.names,
      !names.contains(name)
    {
      throw DecodingError.dataCorruptedError(
        forKey: job, in: container, debugDescription: "unknown job, expected one of \(names.joined(separator: ", "))")
    }
    var event = Event<Keys>()
    event.keys = try Keys(from: decoder)
    event.isDryRun = try container.decodeIfPresent(Bool.self, forKey: AnyCodingKey("dry_run")) ?? false
    event.time = event.keys.instant
    self.event = event
  }
}
