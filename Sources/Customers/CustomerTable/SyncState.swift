import CustomerModel
import Time

/// What a sync remembers besides the table: how far it has read, what it knows of every conversation, and whose addresses
/// several contacts share. With it, a run that reads only what changed knows as much as one that reads everything.
public struct SyncState: Sendable, Equatable {
  /// When the last complete run began. Nil: everything has to be read.
  public var watermark: Timestamp?
  /// Tells whether the conversations were searched for the same words.
  public var lexicon: String
  /// Tells whether the rows were calculated by the same rules. Stored with the watermark.
  public var rules: String
  /// Intercom's id of the workspace, for links; nil where no contact has named it.
  public var workspaceID: String?
  /// By id.
  public var conversations: [String: ConversationFacts] = [:]
  /// Contacts whose address another contact has too: Intercom's id → a digest of each such address.
  ///
  /// It may name contacts that share it no longer. The row names one contact of an address; this the others.
  public var shared: [String: [String]] = [:]

  public init(lexicon: String, rules: String) {
    self.lexicon = lexicon
    self.rules = rules
  }
}

/// Keeps a ``SyncState``.
public protocol SyncStateStore: Sendable {
  /// Nil where there is none, or none that this version understands: the next run is a full one.
  ///
  /// - Throws: What the storage throws; the job then does not know what it has, and must not go on.
  func load() async throws -> SyncState?

  /// Stores everything but the watermark and the rules, which stay as they are in the storage.
  func saveFacts(_ state: SyncState) async throws

  /// Stores the watermark and the rules. Everything before it must be stored by then.
  func saveWatermark(_ state: SyncState) async throws
}
