import Formats
import HTTPClient

/// Contacts and the messages of conversations. Errors are those of all calls of ``IntercomClient``.
extension IntercomClient {
  /// One page of all contacts, 150 at most. Asks again once where the body is not a page.
  ///
  /// - Parameter cursor: From the page before; nil for the first page.
  public func contacts(cursor: String?) async throws -> ContactPage {
    try await askingTwice { try ContactPage(json: await send(.allContacts(cursor: cursor)).body) }
  }

  /// One page of a search of contacts, the least recently updated first. Up to API version 2.16 Intercom cuts times to days
  /// of the workspace's time zone.
  ///
  /// - Parameter cursor: From the page before; nil for the first page.
  public func searchContacts(_ query: SearchQuery, cursor: String?) async throws -> ContactPage {
    try await askingTwice { try ContactPage(json: await send(.searchContacts(query, cursor: cursor)).body) }
  }

  /// A contact as Intercom documents it; nil where there is none with this id any more.
  public func contact(_ id: String) async throws -> JSONValue? {
    // From API version 2.17 on, a contact that was merged into another one is 410.
    let response = try await send(.contact(id), accepting: [404, 410])
    guard response.isSuccess else { return nil }
    let contact = try JSONValue(json: response.body)
    // A contact that was merged into another one may be answered with the other.
    return contact["id"]?.id == id ? contact : nil
  }

  /// The messages of a conversation; nil where there is none with this id any more.
  public func thread(ofConversation id: String) async throws -> ConversationThread? {
    try await askingTwice {
      let response = try await send(.conversation(id), accepting: [404])
      return response.status == 404 ? nil : try ConversationThread(json: response.body)
    }
  }

  /// How many conversations match; nil where Intercom does not say.
  public func count(_ query: SearchQuery) async throws -> Int? {
    try await askingTwice {
      try ConversationPage(json: await send(.searchConversations(query, cursor: nil, size: 1)).body).totalCount
    }
  }
}
