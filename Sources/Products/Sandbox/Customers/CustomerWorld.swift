import Concurrency
import Foundation
import Time

/// The contacts of the sandbox's workspace and their conversations. Unlike the accounts' data, it changes: `change(at:)`
/// lets a few hours or days of a workspace's life happen.
public final class CustomerWorld: Sendable {
  struct State: Sendable {
    var contacts: [String: FakeContact] = [:]
    var threads: [String: FakeThread] = [:]
    var random: SandboxRandom
    /// Addresses of contacts that are gone.
    var vanished: Set<String> = []
    /// Counts the changes.
    var version = 0
    var lastNumber = 0
    var lastThread = 0
  }

  let state: Lock<State>
  private let variety: Int

  /// - Parameters:
  ///   - contacts: How many there are at the beginning.
  ///   - conversations: How many each of them has on average.
  ///   - days: Over how many days before `now` the conversations are spread.
  ///   - seed: The same seed gives the same world and the same changes on every machine.
  public init(contacts: Int = 240, conversations: Int = 3, days: Int = 180, seed: String = "customers", now: Timestamp)
  {
    variety = contacts
    var state = State(random: SandboxRandom(seed, "customers"))
    for _ in 0..<contacts { Self.addContact(&state, now: now.seconds, days: days) }
    let ids = state.contacts.keys.sorted()
    for _ in 0..<(contacts * conversations) where !ids.isEmpty {
      let age = Int64(state.random.unit() * Double(days) * 86_400)
      Self.addThread(&state, ids, at: now.seconds - 3600 - age)
    }
    self.state = Lock(state)
  }

  /// Addresses of contacts that were merged into others, in lower case. Only a full sync can see that they are gone.
  public var vanished: Set<String> { state.withLock { $0.vanished } }

  var version: Int { state.withLock { $0.version } }

  /// How many contacts and conversations there are.
  public var size: (contacts: Int, conversations: Int) { state.withLock { ($0.contacts.count, $0.threads.count) } }

  /// Changes some contacts and conversations, as people do.
  ///
  /// - Parameters:
  ///   - instant: When; later than every earlier change.
  ///   - count: How many changes. Nil: about one for twenty contacts.
  ///   - deletesContacts: Whether contacts may vanish, too.
  public func change(at instant: Timestamp, count: Int? = nil, deletesContacts: Bool = false) {
    let now = instant.seconds
    state.withLock { state in
      state.version += 1
      var ids = state.contacts.keys.sorted()
      var threads = state.threads.keys.sorted()
      for _ in 0..<(count ?? max(4, variety / 20)) {
        if ids.count != state.contacts.count { ids = state.contacts.keys.sorted() }
        if threads.count != state.threads.count { threads = state.threads.keys.sorted() }
        switch state.random.whole(0...13) {
        case 0: Self.addContact(&state, now: now, days: 0)
        case 1, 2, 3: Self.changeRevenue(&state, ids, now)
        case 4: Self.moveAddress(&state, ids, now)
        case 5: Self.visit(&state, ids, now)
        case 6, 7: Self.addThread(&state, ids, at: now)
        case 8, 9, 10: Self.reply(&state, threads, now)
        case 11: Self.close(&state, threads, now)
        case 12: Self.regroup(&state, ids, threads, now)
        default:
          if deletesContacts, let id = Self.pick(ids, &state) {
            state.contacts[id] = nil
          } else if let id = Self.pick(threads, &state) {
            state.threads[id] = nil
          }
        }
      }
    }
  }

  /// Lets the contacts with the largest ids vanish.
  public func remove(contacts count: Int) {
    state.withLock { state in
      state.version += 1
      for id in state.contacts.keys.sorted().suffix(count) { state.contacts[id] = nil }
    }
  }

  // MARK: Contacts

  private static func pick(_ ids: [String], _ state: inout State) -> String? {
    ids.isEmpty ? nil : state.random.pick(ids)
  }

  private static func addContact(_ state: inout State, now: Int64, days: Int) {
    state.lastNumber += 1
    let number = state.lastNumber
    let createdAt = now - Int64(state.random.unit() * Double(days) * 86_400)
    let email: String? =
      switch state.random.whole(0...29) {
      case 0: nil
      case 1: "guest\(number) at sandbox"
      case 2, 3: number == 1 ? "guest1@sandbox.example" : "guest\(state.random.whole(1...(number - 1)))@sandbox.example"
      case 4: " Guest\(number)@Sandbox.example "
      default: "guest\(number)@sandbox.example"
      }
    let stripe = FakeStripe(&state.random, number: number, now: now)
    let contact = FakeContact(
      id: "66c1" + hex(UInt64(number), digits: 20), email: email,
      name: state.random.isTrue(0.9) ? "Sample Guest \(number)" : nil,
      country: state.random.isTrue(0.8) ? "Sampleland" : nil, city: state.random.isTrue(0.5) ? "Sampleton" : nil,
      createdAt: createdAt, signedUpAt: state.random.isTrue(0.7) ? createdAt : nil, updatedAt: createdAt,
      lastSeenAt: state.random.isTrue(0.9) ? now - Int64(state.random.unit() * 20 * 86_400) : nil, stripe: stripe)
    state.contacts[contact.id] = contact
  }

  private static func changeRevenue(_ state: inout State, _ ids: [String], _ now: Int64) {
    guard let id = pick(ids, &state) else { return }
    switch state.random.whole(0...3) {
    case 0: state.contacts[id]?.stripe.isDelinquent.toggle()
    case 1: state.contacts[id]?.stripe = FakeStripe(&state.random, number: state.random.whole(1...9999), now: now)
    case 2: state.contacts[id]?.stripe.planPrice += 300
    default: state.contacts[id]?.stripe.subscriptions.append(FakeStripe.subscription(&state.random))
    }
    state.contacts[id]?.updatedAt = now
  }

  /// Gives a contact an address of its own, another one's, or none.
  private static func moveAddress(_ state: inout State, _ ids: [String], _ now: Int64) {
    guard let id = pick(ids, &state), let other = pick(ids, &state) else { return }
    let address = state.contacts[other]?.email
    switch state.random.whole(0...3) {
    case 0: state.contacts[id]?.email = nil
    case 1, 2: state.contacts[id]?.email = address
    default:
      state.lastNumber += 1
      state.contacts[id]?.email = "moved\(state.lastNumber)@sandbox.example"
    }
    state.contacts[id]?.updatedAt = now
  }

  private static func visit(_ state: inout State, _ ids: [String], _ now: Int64) {
    guard let id = pick(ids, &state) else { return }
    state.contacts[id]?.lastSeenAt = now
    state.contacts[id]?.city = "Sample City \(state.random.whole(1...9))"
    state.contacts[id]?.updatedAt = now
  }

  // MARK: Conversations

  private static let messages = [
    "<p>Good morning, a question about the sample.</p>", "<p>Please <b>can</b>cel my sample plan.</p>",
    "<p>We won\u{2019}t&nbsp;renew.</p>", "<p>We are not<br>renewing this year</p>", "<p>Thanks, all is well</p>",
    "<p>The cancelled-sample is fine, uncancelled too</p>", "<p>How do I add a room?</p>", "<p>recancelling</p>",
    "<p>The sample arrived</p>", "<p>It works now.</p>",
  ]

  private static func addThread(_ state: inout State, _ ids: [String], at time: Int64) {
    guard let first = pick(ids, &state) else { return }
    state.lastThread += 1
    var contactIDs = [first]
    if state.random.isTrue(0.1), let other = pick(ids, &state), other != first { contactIDs.append(other) }
    let isTheirs = state.random.isTrue(0.85)
    let opening = FakeThread.Part(
      author: isTheirs ? state.random.pick(["user", "lead", "contact"]) : "admin",
      authorID: isTheirs ? first : "9001", at: time, body: state.random.pick(messages))
    let id = "3\(padded(state.lastThread, to: 9))"
    state.threads[id] = FakeThread(
      id: id, contactIDs: contactIDs, createdAt: time, updatedAt: time,
      state: state.random.pick(["open", "closed", "closed", "snoozed"]),
      rating: state.random.isTrue(0.3) ? state.random.whole(1...5) : nil, parts: [opening])
  }

  private static func reply(_ state: inout State, _ threads: [String], _ now: Int64) {
    guard let id = pick(threads, &state), let thread = state.threads[id] else { return }
    let isTheirs = state.random.isTrue(0.6)
    let author = thread.contactIDs.isEmpty ? "9001" : state.random.pick(thread.contactIDs)
    state.threads[id]?.parts.append(
      .init(
        author: isTheirs ? "user" : "admin", authorID: isTheirs ? author : "9001", at: now,
        body: state.random.pick(messages)))
    state.threads[id]?.state = "open"
    state.threads[id]?.updatedAt = now
  }

  private static func close(_ state: inout State, _ threads: [String], _ now: Int64) {
    guard let id = pick(threads, &state) else { return }
    state.threads[id]?.state = "closed"
    if state.random.isTrue(0.5) { state.threads[id]?.rating = state.random.whole(1...5) }
    state.threads[id]?.updatedAt = now
  }

  /// Adds a contact to a conversation, takes one away, or takes back a message.
  private static func regroup(_ state: inout State, _ ids: [String], _ threads: [String], _ now: Int64) {
    guard let id = pick(threads, &state), let other = pick(ids, &state), let thread = state.threads[id] else { return }
    switch state.random.whole(0...3) {
    case 3:
      // Two contacts are merged: the conversations are the other's now, and say nothing of a change.
      guard let gone = pick(ids, &state), gone != other, state.contacts[other] != nil else { return }
      if let email = state.contacts[gone]?.email {
        state.vanished.insert(email.trimmingCharacters(in: .whitespaces).lowercased())
      }
      state.contacts[gone] = nil
      state.contacts[other]?.updatedAt = now
      for (id, thread) in state.threads where thread.contactIDs.contains(gone) {
        let others = thread.contactIDs.filter { $0 != gone && $0 != other }
        state.threads[id]?.contactIDs = others + [other]
      }
      return
    case 0 where thread.contactIDs.count > 1: state.threads[id]?.contactIDs.removeLast()
    case 1: state.threads[id]?.parts[thread.parts.count - 1].body = "<p>This message was deleted</p>"
    default: if !thread.contactIDs.contains(other) { state.threads[id]?.contactIDs.append(other) }
    }
    state.threads[id]?.updatedAt = now
  }
}
