import Connectors
import HTTPClient

extension SourceID {
  public static let simpleFIN = SourceID("simplefin", title: "SimpleFIN")
}

/// How often the feed may be asked.
public enum SimpleFINOptions {
  /// One after the other. The number of requests a day is counted across runs; see the permit of
  /// ``SimpleFINClient/accounts(permit:)``.
  public static let rateLimit = RateLimit(requests: 1, window: .seconds(1), maximumConcurrency: 1)

  /// Of a failed request, the first try included.
  public static let attempts = 3
}
