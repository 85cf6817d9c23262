import CardModel
import Connectors
import Formats
import HTTPClient
import Time

extension SourceID {
  public static let adSpend = SourceID("ad_spend", title: "Ad spend")
}

/// `cost_per_mql`: ad spend from CSV files, divided by marketing-qualified leads.
public struct SpendSource: CardSource {
  /// A file of ad spend.
  public struct File: Sendable {
    public var name: String
    public var bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  public let id = SourceID.adSpend
  public let cards = [CardID.costPerMQL]

  private let context: CardContext
  private let files: @Sendable () async throws -> [File]
  private let leads: @Sendable (DayWindow) async throws -> Int

  /// - Parameters:
  ///   - files: In the order in which later ones replace rows of earlier ones; none where nobody has put any.
  ///   - leads: Counts MQLs of some days.
  public init(
    _ context: CardContext, files: @escaping @Sendable () async throws -> [File],
    leads: @escaping @Sendable (DayWindow) async throws -> Int
  ) {
    self.context = context
    self.files = files
    self.leads = leads
  }

  public var usage: RequestUsage { RequestUsage() }

  public func read(_ card: CardID) async throws -> CardReading {
    let files = try await files()
    guard !files.isEmpty else {
      return .blocked("no ad spend: put CSV files into ad_spend/ of the configuration or of the reports bucket")
    }
    let window = context.window(days: context.settings.windows.spend)
    let book = SpendBook(files, lastDay: context.lastDay)
    guard book.fileCount > 0 else { throw SourceError(.malformed, book.problems.joined(separator: "; ")) }
    async let now = leads(window)
    async let before = leads(window.previous)
    return try await book.reading(context, window, leads: now, leadsBefore: before)
  }
}

/// The rows of all files. Pure.
struct SpendBook {
  private var rows: [AdSpend.Key: AdSpend] = [:]
  /// How many files could be read.
  private(set) var fileCount = 0
  /// One line a refused file.
  private(set) var problems: [String] = []

  /// - Parameter lastDay: A later date is refused.
  init(_ files: [SpendSource.File], lastDay: CalendarDate) {
    for file in files {
      do {
        for row in try AdSpend.rows(file.bytes, lastDay: lastDay) { rows[row.key] = row }
        fileCount += 1
      } catch let error as RowProblems {
        let shown = error.problems.prefix(5).map { "\(file.name):\($0)" }.joined(separator: "; ")
        problems.append(error.problems.count > 5 ? "\(shown); and \(error.problems.count - 5) more" : shown)
      } catch {
        problems.append("\(file.name): can't be read")
      }
    }
  }

  func reading(
    _ context: CardContext, _ window: DayWindow, leads: Int, leadsBefore: Int
  ) throws -> CardReading {
    let base = context.settings.baseCurrency
    let text = context.text(.money)
    let recent = rows.values.filter { window.contains($0.key.date) }
    let counted = recent.filter { $0.currency == base }
    let total = try Rational.sum(counted.map(\.amount))
    let previous = try Rational.sum(
      rows.values.filter { window.previous.contains($0.key.date) && $0.currency == base }.map(\.amount))
    var breakdown: [CardRecord.Entry] = []
    for (channel, rows) in Dictionary(grouping: counted, by: \.key.channel).sorted(by: { $0.key < $1.key }) {
      breakdown.append(.init(channel, try text.value(Rational.sum(rows.map(\.amount)))))
    }
    breakdown.append(.init("ad spend", try text.value(total)))
    breakdown.append(.init("MQLs", "\(leads)"))
    let days = context.settings.windows.spend
    breakdown.append(.init("ad spend, previous \(days) days", try text.value(previous)))
    breakdown.append(.init("MQLs, previous \(days) days", "\(leadsBefore)"))
    let cost = leadsBefore > 0 ? try text.value(previous.over(Rational(leadsBefore)), isQuotient: true) : nil
    breakdown.append(.init("cost per MQL, previous \(days) days", cost))
    var reading: CardReading
    if recent.isEmpty {
      reading = .noData("no ad spend is dated in the last \(days) days", breakdown: breakdown)
    } else if leads == 0 {
      reading = .undefined("nobody became an MQL in the last \(days) days", breakdown: breakdown)
    } else {
      reading = CardReading(
        try total.over(Rational(leads)), isQuotient: true, asOf: window.end, breakdown: breakdown)
    }
    let foreign = Set(recent.map(\.currency)).subtracting([base]).sorted()
    if !foreign.isEmpty {
      let count = recent.count - counted.count
      reading.makePartial(
        "\(count) rows are in \(foreign.joined(separator: ", ")), not in \(base), and are not counted")
    }
    if !problems.isEmpty {
      reading.makePartial("\(problems.count) file\(problems.count == 1 ? "" : "s") refused")
      reading.warnings += problems
    }
    return reading
  }
}
