import Formats
import Jira
import Time

/// Finds in a bug's history when it was moved to a reopened status.
struct Reopenings {
  /// The configured names, as `comparisonKey`.
  let names: Set<String>
  /// Ids of these statuses; empty where the site lists none of them.
  let ids: Set<String>
  /// The range of time in which the search found a move.
  let searched: Range<Timestamp>

  /// When a bug that the search found was moved; nil where its history shows no such move, or not the time of each.
  ///
  /// It compares ids too: a history keeps the name that the status had then, in the language of the user who moved the
  /// bug.
  func instants(in history: [JiraHistory]) -> [Timestamp]? {
    let moves = history.filter { $0.items.contains(where: isReopening) }
    if !moves.isEmpty { return instants(of: moves) }
    // No name matches, and the site lists no ids. If all moves in that time went to one status, the search meant it.
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
