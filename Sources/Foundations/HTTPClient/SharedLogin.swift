import Time

/// Keeps the access that a login gave, across runs. Callers at the same time share one login.
///
/// Vendors count logins, and some lock a user after too many. So a refusal is remembered for a minute, and at most five
/// logins per minute succeed, even if the vendor refuses each session soon after.
public actor SharedLogin<Credentials: Equatable & Sendable, Access: Sendable> {
  private static var memory: Duration { .seconds(60) }
  private static var maximumLogins: Int { 5 }

  /// What one login gave. Some vendors give the same token again, so logins are told apart by their number.
  public struct Grant: Sendable {
    public let access: Access
    fileprivate let number: Int
  }

  private let now: @Sendable () -> Duration
  private var current: (credentials: Credentials, grant: Grant)?
  private var pending: (number: Int, credentials: Credentials, task: Task<Grant, any Error>)?
  private var started = 0
  private var refusal: (credentials: Credentials, error: any Error, at: Duration)?
  private var logins: [Duration] = []

  public init(now: @escaping @Sendable () -> Duration = TimeSource.system.monotonic) { self.now = now }

  /// The current access if it is usable, else a new one.
  ///
  /// - Parameters:
  ///   - refused: What the vendor has just refused; nil where nothing was.
  ///   - isUsable: Whether the current access is still good: not expired.
  ///   - isRefusal: Whether an error means that the credentials are wrong, so that a retry does not help.
  ///   - login: Gets a new access. Every waiting caller gets its error.
  /// - Throws: ``TooManyLogins``, a remembered refusal, or what `login` throws.
  public func access(
    for credentials: Credentials, replacing refused: Grant? = nil,
    isUsable: @Sendable (Access) -> Bool = { _ in true },
    isRefusal: @escaping @Sendable (any Error) -> Bool = { _ in false },
    login: @escaping @Sendable () async throws -> Access
  ) async throws -> Grant {
    if let current, current.credentials == credentials, current.grant.number != refused?.number,
      isUsable(current.grant.access)
    {
      return current.grant
    }
    // A login that is still under way is newer than anything that was refused.
    if let pending, pending.credentials == credentials { return try await value(of: pending.task) }
    let now = now()
    if let refusal, refusal.credentials == credentials, now - refusal.at < Self.memory { throw refusal.error }
    logins.removeAll { now - $0 >= Self.memory }
    guard logins.count < Self.maximumLogins else { throw TooManyLogins() }
    started += 1
    let number = started
    // What came is noted before anybody gets it, so that nobody waits for a login that is over.
    let task = Task {
      defer { if pending?.number == number { pending = nil } }
      do {
        let grant = Grant(access: try await login(), number: number)
        logins.append(now)
        current = (credentials, grant)
        return grant
      } catch {
        if isRefusal(error) { refusal = (credentials, error, now) }
        throw error
      }
    }
    pending = (number, credentials, task)
    return try await value(of: task)
  }

  /// Waits for a login. Cancelling the waiting task cancels the login too, which runs in an unstructured task.
  private func value(of task: Task<Grant, any Error>) async throws -> Grant {
    try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}

/// Five logins within a minute gave sessions that were soon refused. A retry can help after a minute.
public struct TooManyLogins: Error, Sendable, CustomStringConvertible {
  public var description: String { "every session was refused soon after its login; no more logins for a minute" }
}
