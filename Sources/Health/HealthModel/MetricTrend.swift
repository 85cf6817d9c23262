import Formats

/// How one of an account's metrics has developed up to the as-of instant.
public struct MetricTrend: Sendable, Equatable {
  /// What the weekly values of 90 days say, by a Mann–Kendall test (two-sided, 5 %).
  public enum Direction: String, Sendable, Codable {
    case improving, steady, worsening
    /// Fewer than 8 weeks have data.
    case tooLittle = "too_little"
  }

  /// A window of some days up to the as-of instant, and the window of the same length before.
  public struct Window: Sendable, Equatable, Codable {
    public var days: Int
    /// In the metric's unit; nil where there was nothing to measure.
    public var value: Double?
    public var before: Double?
    /// In percent of `before` for counts and durations, in points for shares and ratings; nil where either value is
    /// missing, or where `before` is 0 and the change is in percent.
    public var change: Double?

    public init(days: Int, value: Double?, before: Double?, change: Double?) {
      self.days = days
      self.value = value
      self.before = before
      self.change = change
    }
  }

  /// One of ``Metric/trendBases``.
  public var metric: Metric
  /// In the order of ``Metric/trendDays``.
  public var windows: [Window]
  public var direction: Direction

  public init(metric: Metric, windows: [Window], direction: Direction) {
    self.metric = metric
    self.windows = windows
    self.direction = direction
  }
}

extension MetricTrend: Decodable {
  private enum CodingKeys: String, CodingKey { case metric, direction, windows }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let path = try container.decode(String.self, forKey: .metric)
    guard let metric = Metric.trendBases.first(where: { $0.path == path }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .metric, in: container, debugDescription: "expected a metric that has trends")
    }
    self.metric = metric
    direction = try container.decode(Direction.self, forKey: .direction)
    windows = try container.decode([Window].self, forKey: .windows)
  }

  func write(to json: inout JSONWriter) {
    json.object { json in
      json.field(CodingKeys.metric.rawValue, metric.path)
      json.field(CodingKeys.direction.rawValue, direction.rawValue)
      json.key(CodingKeys.windows.rawValue)
      json.list { json in
        for window in windows {
          json.object { json in
            json.field("days", Double(window.days))
            json.field("value", window.value)
            json.field("before", window.before)
            json.field("change", window.change)
          }
        }
      }
    }
  }
}
