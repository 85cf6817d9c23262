import AWSClient
import Concurrency
import Connectors
import CustomerModel
import CustomerTable
import Formats
import HTTPClient
import Intercom
import Time

/// Reads Intercom and finds out which rows of the table have to change. Writes nothing.
struct CustomerSync: Sendable {
  /// A row to write.
  struct Change: Sendable {
    var row: Customer
    /// The stored row; nil where the customer is new.
    var old: Customer?
    /// Whether it says something else than the stored row.
    var isNews: Bool
  }

  struct Result: Sendable {
    var contacts: ContactReading
    var ledger: ConversationLedger
    /// What the next run has to know; with the earlier watermark.
    var state: SyncState
    var from: Timestamp?
    var changes: [Change] = []
    /// Rows that were looked at and need no change.
    var unchanged = 0
    /// Every row as it stands once the changes are written.
    var table: [Customer] = []
    /// Whether the table was empty.
    var isFirst: Bool
    /// Whether everything was read that the watermark stands for.
    var isComplete = true
    var problems: [String] = []
    var warnings: [String] = []
    var errors = 0

    /// For links; nil where no contact has named it yet.
    var workspaceID: String? { state.workspaceID }
  }

  let client: IntercomClient
  let configuration: CustomerSyncConfiguration
  let now: Timestamp
  /// By address.
  let stored: [String: Customer]
  let state: SyncState?
  let isFull: Bool

  var rules: CustomerRules { configuration.rules }

  private var recentStart: Int64 { CustomerBook.recentStart(rules, now: now) }

  /// Tells whether messages were searched for the same words, as far back.
  private var lexiconKey: String {
    AddressDirectory.digest("\(rules.recentDays)\n" + rules.cancelPhrases.joined(separator: "\n"))
  }

  /// Tells whether all rows were calculated in the same way. The number goes up with every change of a formula.
  static func rulesKey(_ rules: CustomerRules) -> String {
    AddressDirectory.digest("1 \(rules.baseCurrency) \(rules.mrrStatuses.sorted()) \(rules.attributeUnit)")
  }

  /// What was read, apart from messages.
  struct Gathered: Sendable {
    var contacts: ContactReading
    var ledger: ConversationLedger
    var members: CustomerMembers

    /// Whether enough is known to write any row: a contact that was not reached may share an address with one that was.
    var isKnown: Bool { ledger.isComplete && !contacts.isCutOff }
  }

  /// - Throws: What ``IntercomClient`` throws where contacts or conversations can't be read at all.
  func gather() async throws -> Gathered {
    async let contactReading = contacts()
    var ledger = ConversationLedger(state?.conversations ?? [:])
    if let state, state.lexicon != lexiconKey { ledger.forgetMessages() }
    let history = try await readConversations(&ledger)
    let contacts = try await contactReading
    if let history { try await ledger.readConversations(of: contacts.contacts.keys.sorted(), history) }
    let members = isFull ? allMembers(contacts) : try await changedMembers(contacts)
    return Gathered(contacts: contacts, ledger: ledger, members: members)
  }

  /// Rows to write that wait for no message.
  func readyRows(_ gathered: Gathered) -> [Customer] {
    guard gathered.isKnown else { return [] }
    let hiding = gathered.ledger.hiding(since: recentStart, of: gathered.members.book.has)
    let waiting = gathered.members.book.addresses(of: hiding.flatMap(\.contactIDs))
    return rows(gathered, except: waiting).filter { isFull || $0.isNews }.map(\.row)
  }

  /// The conversations in which a mention can hide, in a few parts: rows are written while the next part is read.
  func hidingParts(_ gathered: Gathered) -> [[ConversationFacts]] {
    let hiding = gathered.ledger.hiding(since: recentStart, of: gathered.members.book.has)
    let size = max(1000, (hiding.count + 4) / 5)
    return stride(from: 0, to: hiding.count, by: size).map { Array(hiding[$0..<min($0 + size, hiding.count)]) }
  }

  /// Reads the messages of some conversations.
  func readMessages(of hiding: [ConversationFacts], _ gathered: inout Gathered) async {
    await gathered.ledger.readMessages(
      of: hiding, client, since: recentStart, until: now.seconds + 86_400, lexicon: CancelLexicon(rules.cancelPhrases))
    gathered.ledger.prune(before: recentStart)
  }

  /// What the next run has to know, with the earlier watermark.
  func nextState(_ gathered: Gathered) -> SyncState {
    var next = SyncState(lexicon: lexiconKey, rules: Self.rulesKey(rules))
    next.workspaceID = gathered.contacts.facts.lazy.compactMap(\.workspaceID).first ?? state?.workspaceID
    next.watermark = state?.watermark
    next.conversations = gathered.ledger.byID
    next.shared = gathered.members.shared
    return next
  }

  func result(_ gathered: Gathered) -> Result {
    var result = Result(
      contacts: gathered.contacts, ledger: gathered.ledger, state: nextState(gathered),
      from: isFull ? nil : state?.watermark, isFirst: stored.isEmpty)
    judge(gathered, &result)
    // Figures of which a part is not known are not written at all.
    if gathered.isKnown { findChanges(gathered, &result) }
    var table = stored
    for change in result.changes { table[change.row.email] = change.row }
    result.table = Array(table.values)
    return result
  }

  // MARK: Reading

  private func contacts() async throws -> ContactReading {
    guard !isFull, let watermark = state?.watermark else {
      return try await .all(client, rules: rules, now: now)
    }
    return try await .changed(
      since: watermark.seconds - configuration.overlap.components.seconds, slack: configuration.searchSlack, client,
      rules: rules, now: now)
  }

  /// - Returns: All conversations, where only those that changed were read.
  private func readConversations(_ ledger: inout ConversationLedger) async throws -> ConversationHistory? {
    // Clocks differ: what was created or changed in these seconds counts too.
    let end = now.seconds + 86_400
    let all = ConversationHistory(
      client: client, field: .createdAt, window: 1..<end, maximumSlices: configuration.maximumSlices)
    guard !isFull, let watermark = state?.watermark else {
      try await ledger.readAll(all)
      return nil
    }
    let start =
      watermark.seconds - configuration.overlap.components.seconds - configuration.searchSlack.components.seconds
    try await ledger.readChanges(
      ConversationHistory(
        client: client, field: .updatedAt, window: start..<end, maximumSlices: configuration.maximumSlices),
      createdIn: all.window)
    if ledger.isComplete { try await ledger.reconcile(all) }
    return all
  }

  // MARK: Rows

  /// Every customer that can be written.
  private func rows(_ gathered: Gathered, except waiting: Set<String>) -> [Change] {
    let unclear = gathered.members.unclear
    return gathered.members.book.customers(gathered.ledger.byID.values).compactMap { customer in
      guard !waiting.contains(customer.email), !unclear.contains(customer.email) else { return nil }
      var row = customer
      row.set(.lastSync, "\(now)")
      let old = stored[row.email]
      return Change(row: row, old: old, isNews: old.map { !row.says(theSameAs: $0) } ?? true)
    }
  }

  private func findChanges(_ gathered: Gathered, _ result: inout Result) {
    let members = gathered.members
    let looked = members.read.union(members.book.addresses(of: gathered.ledger.touched))
    for change in rows(gathered, except: members.book.addresses(of: gathered.ledger.contactsOutOfTime)) {
      if !change.isNews, isFull || looked.contains(change.row.email) { result.unchanged += 1 }
      if isFull || change.isNews { result.changes.append(change) }
    }
    for email in members.left {
      guard var row = stored[email] else { continue }
      row.set(.deletedAt, "\(now)")
      row.set(.lastSync, "\(now)")
      result.changes.append(Change(row: row, old: stored[email], isNews: true))
    }
    result.changes.sort { $0.row.email < $1.row.email }
  }

  private func judge(_ gathered: Gathered, _ result: inout Result) {
    let (ledger, contacts, members) = (gathered.ledger, gathered.contacts, gathered.members)
    if let problem = ledger.problem {
      result.problems.append("\(problem); no customer was written")
      result.isComplete = false
    }
    if contacts.isCutOff {
      result.problems.append("the run's time was over before all contacts were read; no customer was written")
      result.isComplete = false
    } else if !contacts.isComplete {
      result.problems.append(
        "Intercom announced \(contacts.received.announced ?? 0) contacts, of which \(contacts.received.lost) did not come"
      )
      result.isComplete = false
    }
    if ledger.unread > 0 {
      result.problems.append(
        "the messages of \(ledger.unread) conversations were not read; whether they mention a cancellation is not known"
      )
      result.errors += ledger.unread
      if !ledger.contactsOutOfTime.isEmpty {
        result.warnings.append("the run's time was over before all messages were read; the next run goes on from here")
        result.isComplete = false
      }
    }
    if !members.unclear.isEmpty {
      result.problems.append(
        "\(members.unclear.count) customers were not written, since a contact of theirs could not be read: \(members.errors.sorted().first ?? "")"
      )
      result.errors += members.unclear.count
      result.isComplete = false
    }
    let malformed = contacts.skipped[.malformed] ?? 0
    if malformed > 0 {
      // A full run then looks for nobody who is gone: one of these may stand for a customer.
      let consequence = isFull ? ", and no customer was marked as deleted" : ""
      result.warnings.append("\(malformed) contacts can't be read; they are left out\(consequence)")
    }
    let lost = ledger.received.skipped[Received.malformed] ?? 0
    if lost > 0 { result.problems.append("\(lost) conversations can't be read; they are left out") }
    result.problems += members.warnings
    result.warnings += members.warnings
  }
}
