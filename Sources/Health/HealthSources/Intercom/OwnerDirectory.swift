import Concurrency
import Formats
import HealthModel
import Intercom

/// What to look up to find the account of a conversation that does not name an exact id of the mapping.
enum ConversationOwner: Hashable, Sendable {
  /// The conversation has no company. The first company of its first contact counts.
  case contact(String)
  /// Intercom's own id of the conversation's company. The mapping spells the company's other id differently, in case or
  /// HTML entities.
  case company(String)
}

extension ConversationOwner: CodingKeyRepresentable, Codable {
  private var text: String {
    switch self {
    case .contact(let id): "contact/" + id
    case .company(let id): "company/" + id
    }
  }

  private init?(_ text: String) {
    if text.hasPrefix("contact/") {
      self = .contact(String(text.dropFirst(8)))
    } else if text.hasPrefix("company/") {
      self = .company(String(text.dropFirst(8)))
    } else {
      return nil
    }
  }

  var codingKey: any CodingKey { AnyCodingKey(text) }

  init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }

  init(from decoder: any Decoder) throws {
    guard let owner = ConversationOwner(try decoder.singleValueContainer().decode(String.self)) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected contact/… or company/…"))
    }
    self = owner
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// Looks up the accounts that own conversations, where the conversations do not name them.
struct OwnerDirectory: Sendable {
  /// The accounts found, and what could not be looked up.
  struct Answer: Sendable {
    /// Positions of the accounts.
    var owners: [ConversationOwner: [Int]] = [:]
    /// Positions of accounts that could not be looked up. Any conversation without an owner may be theirs.
    var unclear: [Int] = []
    /// Owners that could not be looked up, so the account of their conversations is unknown.
    var unknown: Set<ConversationOwner> = []
    /// The messages of the errors, each once.
    var errors: Set<String> = []
  }

  let client: IntercomClient
  let accounts: [MappedAccount]
  /// Positions of accounts by company id, Intercom's own or the workspace's, as the mapping spells it.
  let accountsByCompany: [String: [Int]]
  /// Positions of accounts by the `comparisonKey` of the workspace's company id.
  let accountsByComparisonKey: [String: [Int]]

  /// Positions of the accounts of this company. The ids must be spelled as in the mapping.
  func accounts(of company: CompanyReference) -> [Int] {
    let internalMatches = company.id.flatMap { accountsByCompany[$0] } ?? []
    let ownMatches = company.companyID.flatMap { accountsByCompany[$0] } ?? []
    guard !internalMatches.isEmpty, !ownMatches.isEmpty else { return internalMatches + ownMatches }
    return Array(Set(internalMatches + ownMatches)).sorted()
  }

  /// Positions of the accounts that may have this company: its id differs at most in case, white space or HTML
  /// entities.
  func candidates(_ company: CompanyReference) -> [Int] {
    company.companyID.flatMap { accountsByComparisonKey[$0.comparisonKey] } ?? []
  }

  /// Looks up all owners. Errors do not stop it; they become part of the answer.
  ///
  /// - Parameter candidates: Positions of the accounts that the companies among `owners` may belong to.
  func answer(for owners: some Collection<ConversationOwner>, candidates: Set<Int>) async -> Answer {
    var answer = Answer()
    var contacts: Set<String> = []
    var companies: Set<String> = []
    for owner in owners {
      switch owner {
      case .contact(let id): contacts.insert(id)
      case .company(let id): companies.insert(id)
      }
    }
    if !companies.isEmpty { await resolve(companies, candidates: candidates, into: &answer) }
    guard !contacts.isEmpty else { return answer }
    let mapped = accounts.indices.filter { accounts[$0].isInIntercom }
    // Look up each contact, or list the contacts of each account: whichever needs fewer requests.
    if contacts.count <= 2 * mapped.count, await lookUp(contacts, into: &answer) { return answer }
    await list(contacts, of: mapped, into: &answer)
    return answer
  }

  /// Looks up the company of each candidate account. Intercom finds it even where the id is spelled differently.
  private func resolve(_ companies: Set<String>, candidates: Set<Int>, into answer: inout Answer) async {
    await concurrently(candidates.sorted()) {
      try await client.resolvedID(of: accounts[$0])
    } each: { position, result in
      switch result {
      case .success(let id?) where companies.contains(id): answer.owners[.company(id), default: []].append(position)
      case .success: break
      case .failure(let error):
        answer.unclear.append(position)
        answer.errors.insert("\(error)")
      }
    }
  }

  /// - Returns: False where Intercom answers 404 for every contact. The caller then lists the contacts of each account.
  private func lookUp(_ contacts: Set<String>, into answer: inout Answer) async -> Bool {
    var spelled: [ConversationOwner: CompanyReference] = [:]
    var isAnyKnown = false
    await concurrently(contacts.sorted()) {
      try await client.firstCompany(ofContact: $0)
    } each: { contact, result in
      switch result {
      case .success(.unknownContact): break
      case .success(.none): isAnyKnown = true
      case .success(.company(let company)):
        isAnyKnown = true
        let found = accounts(of: company)
        if !found.isEmpty {
          answer.owners[.contact(contact)] = found
        } else if company.id != nil, !candidates(company).isEmpty {
          spelled[.contact(contact)] = company
        }
      case .failure(let error):
        isAnyKnown = true
        answer.unknown.insert(.contact(contact))
        answer.errors.insert("\(error)")
      }
    }
    guard !spelled.isEmpty else { return isAnyKnown }
    let ids = Set(spelled.values.compactMap(\.id))
    await resolve(ids, candidates: Set(spelled.values.flatMap(candidates)), into: &answer)
    for (owner, company) in spelled { answer.owners[owner] = company.id.flatMap { answer.owners[.company($0)] } }
    return true
  }

  /// Lists the contacts of each account's company, and keeps those whose first company it is.
  private func list(_ contacts: Set<String>, of positions: [Int], into answer: inout Answer) async {
    await concurrently(positions) { position in
      try await ownContacts(among: contacts, of: accounts[position])
    } each: { position, result in
      switch result {
      case .success(let found): for id in found { answer.owners[.contact(id), default: []].append(position) }
      case .failure(let error):
        answer.unclear.append(position)
        answer.errors.insert("\(error)")
      }
    }
    for owner in answer.owners.keys { answer.owners[owner]?.sort() }
  }

  private func ownContacts(among wanted: Set<String>, of account: MappedAccount) async throws -> [String] {
    guard let company = try await client.resolvedID(of: account) else { return [] }
    var found: [String] = []
    for contact in try await client.contacts(ofCompany: company) {
      guard let id = contact.id, wanted.contains(id) else { continue }
      var first = contact.companies?.data.first?.id
      if first == nil, case .company(let company) = try await client.firstCompany(ofContact: id) { first = company.id }
      if first == company { found.append(id) }
    }
    return found
  }
}

extension MappedAccount {
  /// Whether it has an id for Intercom.
  var isInIntercom: Bool { intercomCompanyID != nil || intercomInternalID != nil }
}

extension IntercomClient {
  /// Intercom's own id of an account's company; nil where Intercom knows none of its ids.
  func resolvedID(of account: MappedAccount) async throws -> String? {
    try await resolvedID(companyID: account.intercomCompanyID, internalID: account.intercomInternalID)
  }
}

extension Conversation {
  /// Whether it says how it began and all that a metric needs. One that does not can't be counted.
  var isReadable: Bool { beginning != nil && deliveredAs != nil && !isOdd && !statistics.isOdd }
}
