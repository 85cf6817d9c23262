import Connectors
import HTTPClient

extension SourceID {
  public static let bigQuery = SourceID("bigquery", title: "BigQuery")
}

/// How often the warehouse may be asked.
public enum BigQueryOptions {
  /// Google allows 100 requests a second of a user for a method.
  public static let rateLimit = RateLimit(requests: 50, window: .seconds(1), maximumConcurrency: 4)

  /// Seconds that one call waits for a query's end.
  static let patience = 10
  /// The most rows of one page.
  static let pageSize = 1000
  /// The most rows that a result may have: these are numbers for a card, not data.
  public static let maximumRows = 10_000
}
