import Concurrency
import Connectors
import CustomerModel
import HTTPClient
import Intercom

/// The conversations whose creation or last change lies within a window, read in slices. Only their facts are kept.
struct ConversationHistory: SlicedSource {
  /// What of a conversation lies within the window.
  enum Field: String, Sendable {
    case createdAt = "created_at"
    case updatedAt = "updated_at"
  }

  struct Slice: Codable, Sendable, Equatable {
    /// In seconds since 1970, inclusive.
    var start: Int64
    /// In seconds since 1970, exclusive.
    var end: Int64
  }

  struct Partial: PartialResult {
    var conversations: [ConversationFacts] = []
    var received = Received()

    mutating func merge(_ other: Partial) {
      conversations += other.conversations
      received.merge(other.received)
    }
  }

  let id = SourceID.intercom
  let client: IntercomClient
  let field: Field
  /// In seconds since 1970.
  let window: Range<Int64>
  let maximumSlices: Int

  private static let rowsPerSlice = 10 * IntercomClient.pageSize

  private func search(_ range: Range<Int64>) -> SearchQuery { .all(SearchQuery.within(field.rawValue, range)) }

  /// How many conversations Intercom has within a range; nil where it does not say.
  func count(_ range: Range<Int64>) async throws -> Int? { try await client.count(search(range)) }

  /// Halves the window until no part has more conversations than a few pages. Conversations crowd at its end.
  func plan() async throws -> SlicePlan<Slice, Partial> {
    guard let total = try await count(window) else {
      // Nobody says how many there are: one chain of pages finds them all.
      return SlicePlan(slices: [Slice(start: window.lowerBound, end: window.upperBound)])
    }
    guard total >= 0 else { throw SourceError(.malformed, "Intercom announced \(total) conversations") }
    let limit = max(Self.rowsPerSlice, total / maximumSlices)
    var open = [(range: window, count: total)]
    var slices: [Slice] = []
    while !open.isEmpty {
      var halves: [Range<Int64>] = []
      for part in open {
        if part.count <= limit || part.range.count < 3600 {
          if part.count > 0 { slices.append(Slice(start: part.range.lowerBound, end: part.range.upperBound)) }
        } else {
          let middle = part.range.lowerBound + Int64(part.range.count) / 2
          halves += [part.range.lowerBound..<middle, middle..<part.range.upperBound]
        }
      }
      open = []
      var problem: (any Error)?
      await concurrently(halves) {
        try await count($0)
      } each: { range, result in
        switch result {
        case .success(let count): open.append((range, count ?? .max))
        case .failure(let error): problem = error
        }
      }
      if let problem { throw problem }
    }
    return SlicePlan(slices: slices.sorted { $0.start < $1.start })
  }

  func read(_ slice: Slice) async throws -> Partial {
    try await readLosingLeast { try await readOnce(slice.start..<slice.end) }
  }

  /// All conversations of some contacts, 15 at most, whenever they were created or changed.
  func conversations(of contactIDs: [String]) async throws -> Partial {
    try await readLosingLeast { try await readOnce(.anyOf("contact_ids", contactIDs)) { _ in true } }
  }

  private func readOnce(_ bounds: Range<Int64>) async throws -> Partial {
    // Each slice asks for a second more on each side, so neighbours find some of the same conversations.
    try await readOnce(search(bounds)) { conversation in
      let time = field == .createdAt ? conversation.createdAt : conversation.updatedAt
      return time.map(bounds.contains) ?? true
    }
  }

  private func readOnce(_ query: SearchQuery, _ isMeant: (Conversation) -> Bool) async throws -> Partial {
    var partial = Partial()
    var pager = Pager(.intercom)
    var cursor: String?
    var found: Set<String> = []
    var others = 0
    while true {
      let page = try await client.search(query, cursor: cursor)
      partial.received.pages += 1
      for conversation in page.conversations {
        guard let conversation, let id = conversation.id else {
          others += 1
          partial.received.skip(Received.malformed)
          continue
        }
        guard found.insert(id).inserted else {
          partial.received.skip("duplicate")
          continue
        }
        guard isMeant(conversation) else {
          partial.received.skip("outside the bounds")
          continue
        }
        partial.received.used += 1
        partial.conversations.append(ConversationFacts(conversation, id: id))
      }
      guard let next = page.next else {
        if let total = page.totalCount {
          try partial.received.announce(total, came: found.count + others, by: .intercom)
        }
        return partial
      }
      try pager.follow(next, rows: found.count)
      cursor = next
    }
  }
}

extension ConversationFacts {
  /// With no message read yet.
  init(_ conversation: Conversation, id: String) {
    self.init(
      id: id, contactIDs: conversation.contactIDs, createdAt: conversation.createdAt, updatedAt: conversation.updatedAt,
      isOpen: conversation.isOpen, rating: conversation.rating.map { Int($0) })
  }
}
