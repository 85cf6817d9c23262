import AWSClient
import CustomerModel

/// Which contacts stand for which address, as far as the table and the state know.
struct AddressDirectory: Sendable {
  private var addressesByContact: [String: Set<String>] = [:]
  private var contactsByAddress: [String: Set<String>] = [:]

  /// - Parameters:
  ///   - rows: The customers by address. Each names one of its contacts.
  ///   - shared: Contact → digests of the addresses that it shares.
  init(_ rows: [String: Customer], shared: [String: [String]]) {
    for (email, row) in rows {
      if let id = row.text(.contactID) { add(id, email) }
    }
    guard !shared.isEmpty else { return }
    var sharing: [String: [String]] = [:]
    for (id, digests) in shared { for digest in digests { sharing[digest, default: []].append(id) } }
    for email in rows.keys {
      for id in sharing[Self.digest(email)] ?? [] { add(id, email) }
    }
  }

  private mutating func add(_ id: String, _ email: String) {
    addressesByContact[id, default: []].insert(email)
    contactsByAddress[email, default: []].insert(id)
  }

  func addresses(of contact: String) -> Set<String> { addressesByContact[contact] ?? [] }

  func contacts(of email: String) -> Set<String> { contactsByAddress[email] ?? [] }

  /// Stands for an address where the address itself must not.
  static func digest(_ email: String) -> String { String(ContentHash.sha256(Array(email.utf8)).prefix(32)) }
}
