import Concurrency
import CustomerModel
import Formats
import HTTPClient
import Intercom

/// Rows before they have the figures of their conversations.
struct CustomerMembers: Sendable {
  var book: CustomerBook
  var shared: [String: [String]] = [:]
  /// Addresses that contacts were read for.
  var read: Set<String> = []
  /// Addresses that nobody has any more.
  var left: [String] = []
  /// Addresses of which a contact could not be read.
  var unclear: Set<String> = []
  var errors: Set<String> = []
  var warnings: [String] = []

  mutating func add(_ email: String, _ contacts: [ContactFacts]) {
    book.add(contacts)
    read.insert(email)
    guard contacts.count > 1 else { return }
    for contact in contacts { shared[contact.id] = [AddressDirectory.digest(email)] }
  }

  /// Contacts that have the address no longer.
  mutating func forget(_ email: String, _ ids: Set<String>) {
    let digest = AddressDirectory.digest(email)
    for id in ids {
      shared[id]?.removeAll { $0 == digest }
      if shared[id]?.isEmpty ?? false { shared[id] = nil }
    }
  }
}

extension CustomerSync {
  func allMembers(_ contacts: ContactReading) -> CustomerMembers {
    var members = CustomerMembers(book: CustomerBook(rules: rules, now: now))
    for (email, group) in Dictionary(grouping: contacts.facts, by: \.email.text) {
      members.add(email, group)
    }
    // One of those that can't be read may stand for a customer.
    guard contacts.isComplete, contacts.skipped[.malformed] ?? 0 == 0 else { return members }
    var gone: [String] = []
    let alive = stored.filter { !$0.value.isDeleted }
    for (email, row) in alive where !members.read.contains(email) {
      // A contact that is still there has another address now, or none.
      if let id = row.text(.contactID), contacts.contacts[id] != nil {
        members.left.append(email)
      } else {
        gone.append(email)
      }
    }
    if gone.count * 100 > alive.count * configuration.deletedAtMost {
      members.warnings.append(
        "\(gone.count) of \(alive.count) customers have no contact in Intercom any more, more than \(configuration.deletedAtMost) %; none of them was marked as deleted. Check the token's workspace, or raise table.deleted_at_most_percent in \(CustomerSyncConfiguration.fileName)"
      )
    } else {
      members.left += gone
    }
    return members
  }

  func changedMembers(_ contacts: ContactReading) async throws -> CustomerMembers {
    var members = CustomerMembers(book: CustomerBook(rules: rules, now: now))
    members.shared = state?.shared ?? [:]
    let alive = stored.filter { !$0.value.isDeleted }
    let directory = AddressDirectory(alive, shared: members.shared)
    var affected: Set<String> = []
    for (id, facts) in contacts.contacts {
      affected.formUnion(directory.addresses(of: id))
      if let facts { affected.insert(facts.email.text) }
    }
    let changed = Dictionary(grouping: contacts.facts, by: \.email.text)
    let candidates = Dictionary(
      uniqueKeysWithValues: affected.map { email in
        (email, directory.contacts(of: email).union((changed[email] ?? []).map(\.id)))
      })
    let others = try await fetch(
      candidates.values.reduce(into: Set()) { $0.formUnion($1) }.filter { contacts.contacts[$0] == nil })
    // Rows of which nothing changed come first: should a contact be in two rows, the later one is right.
    for (email, row) in alive where !affected.contains(email) {
      members.book.add(row, contactIDs: Array(directory.contacts(of: email)))
    }
    for (email, ids) in candidates.sorted(by: { $0.key < $1.key }) {
      let found = ids.compactMap { id in contacts.contacts[id] ?? others.facts[id] ?? nil }
        .filter { $0.email.text == email }
      if !ids.isDisjoint(with: others.failed) {
        members.unclear.insert(email)
        // Its conversations still count for it, should it be written by a later run only.
        let own = ids.filter { contacts.contacts[$0] == nil || contacts.contacts[$0]??.email.text == email }
        if let row = alive[email] { members.book.add(row, contactIDs: Array(own)) }
        continue
      }
      members.forget(email, directory.contacts(of: email).subtracting(found.map(\.id)))
      if found.isEmpty {
        if alive[email] != nil { members.left.append(email) }
      } else {
        members.add(email, found)
      }
    }
    members.errors = others.errors
    return members
  }

  private struct Fetched: Sendable {
    /// Nil where the contact is gone, or is left out.
    var facts: [String: ContactFacts?] = [:]
    var failed: Set<String> = []
    var errors: Set<String> = []
  }

  /// Contacts that have not changed, but share an address with one that has.
  private func fetch(_ ids: some Sequence<String>) async throws -> Fetched {
    var fetched = Fetched()
    await concurrently(ids.sorted()) { [client] id in
      try await client.contact(id)
    } each: { id, result in
      switch result {
      case .success(let contact):
        fetched.facts[id] = .some(contact.flatMap { try? ContactFacts.reading($0, rules, now: now).get() })
      case .failure(let error):
        fetched.failed.insert(id)
        fetched.errors.insert("\(error)")
      }
    }
    return fetched
  }
}
