import Formats
import Jira
import Time

/// Tells from a bug's history when it was moved to a reopened status.
struct Reopenings {
  /// Configured names, for comparison.
  let names: Set<String>
  /// Ids of those statuses, as far as the site tells them.
  let ids: Set<String>
  /// Within which the search has found a move.
  let searched: Range<Timestamp>

  /// When a bug that the search found was moved; nil where its history tells of no such move, or not when it was.
  ///
  /// By id first: a history keeps a status's name of that time, in the language of whoever moved it.
  func instants(in history: [JiraHistory]) -> [Timestamp]? {
    let moves = history.filter { $0.items.contains(where: isReopening) }
    if !moves.isEmpty { return instants(of: moves) }
    // No name fits and the site tells no ids. If the bug went to one status only in that time, the search meant that one.
    guard ids.isEmpty else { return nil }
    let found = history.filter { entry in
      entry.createdAt.map(searched.contains) ?? true && entry.items.contains(where: \.isStatus)
    }
    let targets = Set(found.flatMap(\.items).filter(\.isStatus).map { $0.newID ?? $0.newName ?? "" })
    return targets.count == 1 ? instants(of: found) : nil
  }

  private func isReopening(_ item: JiraHistory.Item) -> Bool {
    guard item.isStatus else { return false }
    return item.newID.map(ids.contains) ?? false || item.newName.map { names.contains($0.comparisonKey) } ?? false
  }

  private func instants(of moves: [JiraHistory]) -> [Timestamp]? {
    let instants = moves.compactMap(\.createdAt)
    return instants.count == moves.count ? instants : nil
  }
}
