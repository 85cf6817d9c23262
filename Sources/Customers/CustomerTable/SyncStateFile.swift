import Formats
import Runs
import Time

/// The state in a file beside the customers' file.
public struct SyncStateFile: SyncStateStore {
  private let path: String

  /// - Parameter folder: `OUTPUT_DIR`.
  public init(folder: String) { path = "\(folder)/unified_customers.state.json" }

  private struct Content: Codable {
    var head: SyncStateHead
    var part: SyncStatePart
  }

  public func load() async throws -> SyncState? {
    guard let content = try content(), content.head.version == SyncStateHead.currentVersion else { return nil }
    var state = content.head.state
    content.part.add(to: &state)
    return state
  }

  public func saveFacts(_ state: SyncState) async throws {
    try save(state, SyncStateHead(state).keepingWatermark(of: try content()?.head))
  }

  public func saveWatermark(_ state: SyncState) async throws {
    try save(state, SyncStateHead(state))
  }

  private func content() throws -> Content? {
    guard let bytes = try FileContents.read(path) else { return nil }
    do {
      return try JSONBody.decode(Content.self, from: bytes)
    } catch let error as JSONBodyError {
      throw JSONBodyError(description: "\(path): \(error); remove the file, and the next run reads everything")
    }
  }

  private func save(_ state: SyncState, _ head: SyncStateHead) throws {
    let part = SyncStatePart.parts(of: state, count: 1)[0]
    try AtomicFile.write(try JSONBody.encode(Content(head: head, part: part)), to: path)
  }
}
