import HealthModel
import HealthSources
import Insight
import Runs
import Scoring
import Snapshots

extension HealthScoreRun {
  /// A signal that lapses in at most so many days is reported.
  private static let lapsingDays = 14

  /// Adds what the month before tells: why the book and each account moved. And the signals that lapse soon.
  func compare(_ scored: inout [ScoredAccount], _ answer: inout HealthScoreAnswer) async {
    let accounts = scored.map(\.snapshot)
    let book = Book(period: request.period, accounts: accounts, model: context.setup.configuration.scoring)
    reportLapsing(book, &answer)
    let earlier: Book
    do {
      guard let found = try await monthBefore() else { return }
      earlier = found
    } catch {
      answer.warn("why scores moved since \(request.period.advanced(by: -1)) is not told: \(error)")
      return
    }
    // A run over chosen accounts compares just these.
    let chosen = Set(accounts.map(\.accountID))
    let before =
      request.accounts == nil
      ? earlier
      : Book(
        period: earlier.period, accounts: earlier.accounts.filter { chosen.contains($0.accountID) },
        model: earlier.scorer.model)
    answer.summary.set(identityChanges: Self.identityChanges(from: before, to: book))
    let changes = Changes(from: before, to: book, sources: SourceRegistry.metricSources)
    answer.changes = .init(from: changes.from, to: changes.to, book: changes.book)
    // The changes begin with the later month's accounts, in their order.
    for (index, change) in zip(scored.indices, changes.accounts) where change.from.standing != .absent {
      scored[index].changeSummary = change.summary(since: "\(changes.from)")
    }
  }

  /// Nil where it is not stored. The bucket first: what a warm environment has in its folder may have been replaced since.
  private func monthBefore() async throws -> Book? {
    let files = SnapshotFiles(period: request.period.advanced(by: -1), isSelection: false)
    for store in [try context.bucket(prefix: SnapshotArchive.bucketPrefix), context.folder].compactMap(\.self) {
      if let book = try await SnapshotArchive(store).storedBook(of: files) { return book }
    }
    return nil
  }

  /// In the order of the later month's accounts. Months that were stored without their mapping tell nothing.
  private static func identityChanges(from: Book, to: Book) -> [HealthScoreSummary.IdentityChange] {
    let earlier = Dictionary(from.accounts.map { ($0.accountID, $0) }) { first, _ in first }
    return to.accounts.flatMap { account -> [HealthScoreSummary.IdentityChange] in
      guard let links = account.mapping, let before = earlier[account.accountID]?.mapping else { return [] }
      return zip(before.columns, links.columns).filter { $0.id != $1.id }.map { before, now in
        .init(
          accountID: account.accountID, accountName: account.accountName, column: now.name, from: before.id,
          to: now.id)
      }
    }
  }

  private func reportLapsing(_ book: Book, _ answer: inout HealthScoreAnswer) {
    let entries = book.accounts.flatMap { book.scorer.ledger(of: $0) }
    let lapsing = entries.compactMap { entry -> HealthScoreSummary.LapsingSignal? in
      guard let left = entry.daysLeft, left <= Self.lapsingDays, let day = entry.lapses else { return nil }
      return .init(
        accountID: entry.accountID, accountName: entry.accountName, severity: entry.signal.severity.name, lapses: day,
        cost: entry.cost, scoreWhenLapsed: entry.scoreWhenLapsed)
    }.sorted { ($0.lapses, $0.accountID) < ($1.lapses, $1.accountID) }
    answer.summary.set(lapsing: lapsing)
    guard let last = lapsing.last else { return }
    let names = Set(lapsing.map(\.accountID)).count
    answer.warn(
      "\(lapsing.count) churn \(lapsing.count == 1 ? "signal lapses" : "signals lapse") by \(last.lapses), of \(names) \(names == 1 ? "account" : "accounts"): look at them before, since their scores then change without anybody acting (lapsing_signals, or `healthscore signals ledger`)"
    )
  }
}
