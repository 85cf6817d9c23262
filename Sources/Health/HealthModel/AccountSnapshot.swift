import Formats
import Time

/// Everything that one account's score is computed from: one line of a snapshot file, or of the input of
/// `healthscore score`.
public struct AccountSnapshot: Sendable, Equatable {
  /// In a run's snapshot the 18-character Salesforce id, or `line:N` if the mapping has none.
  public var accountID: String
  /// The id if the input has no name.
  public var accountName: String
  /// Decides which thresholds count.
  public var segment: Segment
  /// The instant up to which a signal's age is counted. Nil only if no signal has a date.
  public var asOf: Timestamp?
  /// Each metric's raw value, or the reason why it is missing.
  public var observations: Observations
  /// Churn signals, or the reason why they are not known.
  public var signals: SignalReading
  /// Nil if the mapping has none. The score is then not written to Salesforce.
  public var salesforceID: SalesforceID?
  /// Annual recurring revenue in the org's currency; nil if not known. Not needed for the score.
  public var arr: Double?
  /// Nil if not known. Not needed for the score.
  public var renewalDate: CalendarDate?
  /// The ids by which the sources were asked; nil in the input of a person and in files of earlier versions.
  public var mapping: AccountLinks?
  /// `OwnerId` of the Salesforce account; nil if not known. Not needed for the score.
  public var ownerID: String?
  /// The owner's name, for views of one's own accounts. It is in no message and in no log.
  public var ownerName: String?
  /// Of the metrics that have trends; empty where they are not read.
  public var trends: [MetricTrend] = []
  /// What conversations suggest; empty where no text is read.
  public var suggestedSignals: [SuggestedSignal] = []

  public init(
    accountID: String, accountName: String, segment: Segment, asOf: Timestamp?, observations: Observations,
    signals: SignalReading, salesforceID: SalesforceID? = nil, arr: Double? = nil, renewalDate: CalendarDate? = nil,
    mapping: AccountLinks? = nil, ownerID: String? = nil, ownerName: String? = nil
  ) {
    self.accountID = accountID
    self.accountName = accountName
    self.segment = segment
    self.asOf = asOf
    self.observations = observations
    self.signals = signals
    self.salesforceID = salesforceID
    self.arr = arr
    self.renewalDate = renewalDate
    self.mapping = mapping
    self.ownerID = ownerID
    self.ownerName = ownerName
  }

  /// - Throws: ``JSONBodyError`` that names the place within the line.
  public init(line: [UInt8]) throws { self = try JSONBody.decode(Self.self, from: line) }
}

extension AccountSnapshot: Decodable {
  private enum CodingKeys: String, CodingKey {
    case accountID = "account_id"
    case accountName = "account_name"
    case segment, metrics, missing, signals, arr, mapping
    case asOf = "as_of"
    case signalsMissing = "signals_missing"
    case salesforceID = "salesforce_id"
    case renewalDate = "renewal_date"
    case ownerID = "owner_id"
    case ownerName = "owner_name"
    case trends
    case suggestedSignals = "suggested_signals"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    accountID = try container.decode(String.self, forKey: .accountID)
    accountName = try container.decodeIfPresent(String.self, forKey: .accountName) ?? accountID
    guard let segment = Segment(rawValue: try container.decode(String.self, forKey: .segment)) else {
      throw DecodingError.dataCorruptedError(
        forKey: .segment, in: container, debugDescription: "unknown segment, expected paid or standard")
    }
    self.segment = segment
    asOf = try container.decodeIfPresent(Timestamp.self, forKey: .asOf)
    var observations = Observations()
    // If a metric has both a value and a reason why it is missing, the value counts.
    try AccountSnapshot.readMetrics(container, .missing) { metric, metrics, key in
      guard let name = try metrics.decodeIfPresent(String.self, forKey: key) else { return }
      guard let reason = MissingReason(rawValue: name) else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: metrics,
          debugDescription: "expected one of \(MissingReason.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      observations[metric] = .missing(reason)
    }
    try AccountSnapshot.readMetrics(container, .metrics) { metric, metrics, key in
      if let value = try metrics.decodeIfPresent(Double.self, forKey: key) { observations[metric] = .value(value) }
    }
    self.observations = observations
    if let signals = try container.decodeIfPresent([ChurnSignal].self, forKey: .signals) {
      guard asOf != nil || signals.allSatisfy({ $0.observed == nil }) else {
        throw DecodingError.keyNotFound(
          CodingKeys.asOf, .init(codingPath: decoder.codingPath, debugDescription: "needed to judge dated signals"))
      }
      self.signals = .known(signals)
    } else {
      signals = .missing((try? container.decode(MissingReason.self, forKey: .signalsMissing)) ?? .unavailable)
    }
    // Not needed for the score, so an invalid value counts as nil.
    salesforceID = try? container.decode(SalesforceID.self, forKey: .salesforceID)
    arr = try? container.decode(Double.self, forKey: .arr)
    renewalDate = (try? container.decode(Timestamp.self, forKey: .renewalDate))?.date
    mapping = try? container.decode(AccountLinks.self, forKey: .mapping)
    ownerID = try? container.decode(String.self, forKey: .ownerID)
    ownerName = try? container.decode(String.self, forKey: .ownerName)
    trends = (try? container.decode([MetricTrend].self, forKey: .trends)) ?? []
    suggestedSignals = (try? container.decode([SuggestedSignal].self, forKey: .suggestedSignals)) ?? []
  }
}

extension AccountSnapshot {
  /// Visits dimension → metric. Absent, null and unknown names are skipped.
  ///
  /// - Parameter read: Reads a metric's value. It names the type itself: that is several times as fast as a generic one.
  private static func readMetrics(
    _ container: KeyedDecodingContainer<CodingKeys>, _ key: CodingKeys,
    _ read: (Metric, KeyedDecodingContainer<AnyCodingKey>, AnyCodingKey) throws -> Void
  ) throws {
    guard container.contains(key), try !container.decodeNil(forKey: key) else { return }
    let dimensions = try container.nestedContainer(keyedBy: AnyCodingKey.self, forKey: key)
    for dimension in Dimension.allCases {
      let key = AnyCodingKey(dimension.rawValue)
      guard dimensions.contains(key), try !dimensions.decodeNil(forKey: key) else { continue }
      let metrics = try dimensions.nestedContainer(keyedBy: AnyCodingKey.self, forKey: key)
      for metric in dimension.metrics {
        let key = AnyCodingKey(metric.name)
        if metrics.contains(key) { try read(metric, metrics, key) }
      }
    }
  }

  /// One line of JSON, with its line feed.
  public var line: [UInt8] {
    var json = JSONWriter()
    json.reserve(6144)
    json.object { json in
      json.field("account_id", accountID)
      json.field("account_name", accountName)
      json.field("segment", segment.rawValue)
      json.field("as_of", asOf?.description)
      json.key("metrics")
      writeMetrics(&json) { json, metric in
        if let value = observations[metric].value { json.field(metric.name, value) }
      }
      json.key("missing")
      writeMetrics(&json) { json, metric in
        if let reason = observations[metric].missingReason { json.field(metric.name, reason.rawValue) }
      }
      writeSignals(&json)
      json.field("salesforce_id", salesforceID?.description)
      json.field("arr", arr)
      json.field("renewal_date", renewalDate?.description)
      json.key("mapping")
      if let mapping { mapping.write(to: &json) } else { json.null() }
      json.field("owner_id", ownerID)
      json.field("owner_name", ownerName)
      if !trends.isEmpty {
        json.key("trends")
        json.list { json in
          for trend in trends { trend.write(to: &json) }
        }
      }
      if !suggestedSignals.isEmpty {
        json.key("suggested_signals")
        json.list { json in
          for signal in suggestedSignals { signal.write(to: &json) }
        }
      }
    }
    json.endLine()
    return json.bytes
  }

  private func writeMetrics(_ json: inout JSONWriter, _ write: (inout JSONWriter, Metric) -> Void) {
    json.object { json in
      for dimension in Dimension.allCases {
        json.key(dimension.rawValue)
        json.object { json in
          for metric in dimension.metrics { write(&json, metric) }
        }
      }
    }
  }

  private func writeSignals(_ json: inout JSONWriter) {
    json.key("signals")
    switch signals {
    case .missing(let reason):
      json.null()
      json.field("signals_missing", reason.rawValue)
    case .known(let signals):
      json.list { json in
        for signal in signals {
          json.object { json in
            json.field("severity", signal.severity.name)
            json.field("confidence", signal.confidence)
            json.field("status", signal.status)
            json.field("observed", signal.observed?.description)
          }
        }
      }
    }
  }
}
