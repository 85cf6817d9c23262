import Formats

/// A campaign, as the list has it.
public struct SmartleadCampaign: Sendable, Equatable, Decodable {
  public var id: String
  /// `DRAFTED`, `ACTIVE`, `PAUSED`, `STOPPED` or `COMPLETED`; others may come.
  public var status: String

  private enum CodingKeys: String, CodingKey { case id, status }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let id = container.text(.id), let status = container.lenient(String.self, .status) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a campaign with id and status"))
    }
    self.id = id
    self.status = status.uppercased()
  }
}

/// Where a campaign's leads are. Smartlead sends counts as texts or as numbers.
public struct SmartleadLeadStats: Sendable, Equatable, Decodable {
  /// Not contacted yet.
  public var notStarted: Int
  public var inProgress: Int

  private enum CodingKeys: String, CodingKey {
    case notStarted
    case inProgress = "inprogress"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let notStarted = container.wholeNumber(.notStarted), notStarted >= 0 else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath + [CodingKeys.notStarted], debugDescription: "expected a count"))
    }
    self.notStarted = notStarted
    inProgress = container.wholeNumber(.inProgress) ?? 0
  }
}

struct CampaignAnalytics: Decodable {
  let stats: SmartleadLeadStats?

  private enum CodingKeys: String, CodingKey { case stats = "campaign_lead_stats" }
}

struct StatisticsPage: Decodable {
  let total: Int?

  private enum CodingKeys: String, CodingKey { case total = "total_stats" }

  init(from decoder: any Decoder) throws {
    total = try decoder.container(keyedBy: CodingKeys.self).wholeNumber(.total)
  }
}

/// A mailbox that e-mails go out of. Its answer holds passwords, which are not read.
public struct SmartleadMailbox: Sendable, Equatable, Decodable {
  public var id: String
  /// E-mails a day, follow-ups included.
  public var messagesPerDay: Int
  /// Whether it can send: its login works, and it is not suspended.
  public var isWorking: Bool

  private enum CodingKeys: String, CodingKey {
    case id
    case messagesPerDay = "message_per_day"
    case isSMTPSuccess = "is_smtp_success"
    case isSuspended = "is_suspended"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let id = container.text(.id) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a mailbox with an id"))
    }
    self.id = id
    messagesPerDay = max(0, container.wholeNumber(.messagesPerDay) ?? 0)
    isWorking =
      (container.lenient(Bool.self, .isSMTPSuccess) ?? false)
      && !(container.lenient(Bool.self, .isSuspended) ?? false)
  }
}

/// What Smartlead says when it wants to be asked later.
struct RateLimitAnswer: Decodable {
  struct Failure: Decodable {
    let retryAfter: Double?

    private enum CodingKeys: String, CodingKey { case retryAfter = "retry_after" }
  }

  let error: Failure
}

/// Some answers have the status 200 and say so only here.
struct SuccessFlag: Decodable {
  let success: Bool?
}
