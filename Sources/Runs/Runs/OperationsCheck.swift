import AWSClient
import HTTPClient
import Time

/// Checks that AWS accepts the credentials, that the table exists with the right keys, and that the bucket exists.
public struct OperationsCheck: Sendable {
  /// The result of one check.
  public struct Finding: Sendable, Equatable {
    /// One line for a person.
    public var text: String
    /// False fails `healthscore validate --online`.
    public var isGood: Bool

    public init(text: String, isGood: Bool) {
      self.text = text
      self.isGood = isGood
    }
  }

  private let operations: Operations
  private let transport: any HTTPTransport
  private let time: TimeSource

  public init(operations: Operations, transport: any HTTPTransport, time: TimeSource = .system) {
    self.operations = operations
    self.transport = transport
    self.time = time
  }

  /// Findings for AWS, the table and, if one is set, the bucket. Only the first if AWS is inactive or refuses.
  public func run() async -> [Finding] {
    guard let settings = operations.aws else {
      return [
        Finding(
          text: "AWS: inactive, no credentials; runs are not recorded, kept apart or stored in a bucket", isGood: true)
      ]
    }
    do {
      let account = try await settings.callerAccount(transport: transport, time: time)
      var findings = [Finding(text: "AWS: accepted, account \(account), region \(settings.region)", isGood: true)]
      findings.append(await table(settings))
      if let bucket = operations.reportsBucket { findings.append(await self.bucket(bucket, settings)) }
      return findings
    } catch {
      return [Finding(text: "AWS: \(error)", isGood: false)]
    }
  }

  private func table(_ settings: AWSSettings) async -> Finding {
    let options = operations.metricsTable
    do {
      let keys = try await DynamoDB(settings: settings, transport: transport, time: time).keyNames(of: options.name)
      guard keys == [options.partitionKey, options.sortKey] else {
        return Finding(
          text:
            "METRICS_TABLE: \(options.name) has the keys \(keys.joined(separator: ", ")), expected \(options.partitionKey), \(options.sortKey); set METRICS_TABLE_PARTITION_KEY and METRICS_TABLE_SORT_KEY",
          isGood: false)
      }
      return Finding(text: "METRICS_TABLE: \(options.name) is there", isGood: true)
    } catch let error as AWSError where error.code == "AccessDeniedException" {
      return Finding(
        text:
          "METRICS_TABLE: \(options.name) can't be looked at (dynamodb:DescribeTable); a run itself needs PutItem and UpdateItem",
        isGood: true)
    } catch {
      return Finding(text: "METRICS_TABLE: \(error)", isGood: false)
    }
  }

  private func bucket(_ name: String, _ settings: AWSSettings) async -> Finding {
    do {
      try await S3Bucket(name, settings: settings, transport: transport, time: time).checkAccess()
      return Finding(text: "REPORTS_BUCKET: \(name) is there", isGood: true)
    } catch let error as AWSError where error.code == "AccessDenied" {
      return Finding(
        text: "REPORTS_BUCKET: \(name) can't be listed (s3:ListBucket); a run itself needs PutObject and GetObject",
        isGood: true)
    } catch {
      return Finding(text: "REPORTS_BUCKET: \(error)", isGood: false)
    }
  }
}
