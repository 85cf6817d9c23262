import Concurrency
import Formats
import HealthModel
import Intercom

/// By what a conversation's account is found that the conversation does not name as the mapping does.
enum ConversationOwner: Hashable, Sendable {
  /// It carries no company: the first company of its first contact counts.
  case contact(String)
  /// Its company has an id that the mapping spells otherwise, by case or HTML entities; Intercom's own id of it.
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

/// Finds out which accounts own conversations that do not say so themselves.
struct OwnerDirectory: Sendable {
  /// What was found out.
  struct Answer: Sendable {
    var owners: [ConversationOwner: [Int]] = [:]
    /// Accounts whose contacts could not be listed: any conversation without an owner may be theirs.
    var unclear: [Int] = []
    /// Owners that could not be looked up, so that nobody knows whose their conversations are.
    var unknown: Set<ConversationOwner> = []
    /// Why, one line for each kind.
    var errors: Set<String> = []
  }

  let client: IntercomClient
  let accounts: [MappedAccount]
  /// Positions of accounts by Intercom's or the workspace's id of the company, as the mapping spells it.
  let accountsByCompany: [String: [Int]]
  /// The same, spelled for comparison.
  let accountsByComparisonKey: [String: [Int]]

  /// Accounts whose company this is, by ids as the mapping spells them.
  func accounts(of company: CompanyReference) -> [Int] {
    let internalMatches = company.id.flatMap { accountsByCompany[$0] } ?? []
    let ownMatches = company.companyID.flatMap { accountsByCompany[$0] } ?? []
    guard !internalMatches.isEmpty, !ownMatches.isEmpty else { return internalMatches + ownMatches }
    return Array(Set(internalMatches + ownMatches)).sorted()
  }

  /// Accounts whose company this may be, spelled otherwise.
  func candidates(_ company: CompanyReference) -> [Int] {
    company.companyID.flatMap { accountsByComparisonKey[$0.comparisonKey] } ?? []
  }

  /// - Parameter candidates: Accounts that a company in question may be.
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
    // A request for each contact, or some for each account: whichever is fewer.
    if contacts.count <= 2 * mapped.count, await lookUp(contacts, into: &answer) { return answer }
    await list(contacts, of: mapped, into: &answer)
    return answer
  }

  /// Intercom's own look-up says which company an account's id means, however it is spelled.
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

  /// - Returns: Whether Intercom knows any of them by this call; one that knows none may be asked in another way.
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

  /// The contacts of each account's company, as far as it is the contact's first.
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
