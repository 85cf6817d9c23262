import Formats
import Identity

/// Candidates for the links that are missing or doubtful.
public struct Suggestions: Sendable {
  /// In the order of Salesforce's accounts, then of the systems, the best candidate first.
  public var rows: [ReviewRow] = []
  /// What the matcher did, in words.
  public var log: [String] = []

  /// How many candidates of a doubtful account are shown.
  private static let shown = 3
  /// From this share of common values on, two columns hold the same ids.
  static let sameIDs = 0.5

  /// - Parameters:
  ///   - mapped: What the mapping has; these links stay, unless the system knows the id no more.
  ///   - refused: Candidates that people said no to.
  public static func finding(in rosters: Rosters, mapped: MappedIDs, refused: RefusedLinks) async -> Suggestions {
    var suggestions = Suggestions()
    var found: [(account: Int, system: Int, row: ReviewRow)] = []
    for (place, system) in LinkedSystem.allCases.enumerated() {
      guard let roster = rosters.systems[system] else { continue }
      guard !roster.entries.isEmpty else {
        suggestions.log.append("\(system.source.title) shows no accounts: nothing is proposed for it")
        continue
      }
      let known = Set(roster.entries.flatMap(\.keys))
      let open = rosters.salesforce.entries.enumerated().filter { _, entry in
        !(SalesforceID(entry.id).map { mapped.keys($0, system) } ?? []).contains(where: known.contains)
      }
      let linked = mapped.keys(system)
      let free = roster.entries.filter { !$0.keys.contains(where: linked.contains) }
      let (left, right) = Self.withSharedKeys(open.map(\.element), rosters.salesforce, free, roster)
      var options = Matcher.Options()
      options.top = shown
      let no = open.reduce(into: Set<[String]>()) { pairs, entry in
        guard let id = SalesforceID(entry.element.id) else { return }
        for candidate in free where refused.contains(id, system, candidate.id) {
          pairs.insert([entry.element.id, candidate.id])
        }
      }
      let result = await Matcher(options: options).match(left: left, right: right, refused: no)
      let places = Dictionary(open.map { ($0.element.id, $0.offset) }) { first, _ in first }
      let names = Dictionary(free.map { ($0.id, $0.organisation.name) }) { first, _ in first }
      for match in result.matches {
        guard let account = places[match.leftID], let id = SalesforceID(match.leftID) else { continue }
        found.append(
          (
            account, place,
            ReviewRow(
              accountID: id, accountName: rosters.salesforce.entries[account].organisation.name, system: system,
              currentID: mapped.id(id, system) ?? "", candidateID: match.rightID ?? "",
              candidateName: match.rightID.flatMap { names[$0] } ?? "", decision: match.decision,
              answer: match.decision == .auto ? .yes : nil, probability: match.probability, margin: match.margin,
              evidence: match.evidence)
          ))
      }
      suggestions.log += result.log(system, open: open.count, free: free.count)
    }
    // Stable: candidates of one account keep their order.
    let order = found.indices.sorted {
      (found[$0].account, found[$0].system, $0) < (found[$1].account, found[$1].system, $1)
    }
    suggestions.rows = order.map { found[$0].row }
    return suggestions
  }

  /// Adds identifiers that both sides carry: a field of Salesforce with the system's ids, and fields of the system with
  /// Salesforce's.
  private static func withSharedKeys(
    _ accounts: [Roster.Entry], _ salesforce: Roster, _ candidates: [Roster.Entry], _ roster: Roster
  ) -> ([Organisation], [Organisation]) {
    var left = accounts.map(\.organisation)
    var right = candidates.map(\.organisation)
    for field in salesforce.fields
    where Matcher.sharedValues(of: salesforce.values(field), with: roster.entries.map(\.id)) >= sameIDs {
      for (index, entry) in accounts.enumerated() { left[index].keys[field] = entry.identifiers[field] }
      for (index, entry) in candidates.enumerated() { right[index].keys[field] = entry.id }
    }
    for field in roster.fields
    where Matcher.sharedValues(of: roster.values(field), with: salesforce.entries.map(\.id)) >= sameIDs {
      for (index, entry) in accounts.enumerated() { left[index].keys[field] = entry.id }
      for (index, entry) in candidates.enumerated() { right[index].keys[field] = entry.identifiers[field] }
    }
    return (left, right)
  }
}

extension Matcher.Result {
  fileprivate func log(_ system: LinkedSystem, open: Int, free: Int) -> [String] {
    return findings.map { "\(system.source.title): \($0)" } + [
      "\(system.source.title): \(open) accounts without a link, \(free) candidates: \(decisions)"
    ]
  }
}
