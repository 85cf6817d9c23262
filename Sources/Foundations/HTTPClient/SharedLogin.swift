import Time

/// Keeps the access that a login gave, across runs. Callers at the same time share one login.
///
/// Vendors count logins, and some lock a user after too many. So a refusal is remembered for a minute, and at most five
/// logins per minute succeed, even if the vendor refuses each session soon after.
public actor SharedLogin<Credentials: Equatable & Sendable, Access: Sendable> {
  private static var memory: Duration { .seconds(60) }
  private static var maximumLogins: Int { 5 }

  private let now: @Sendable () -> Duration
  private var current: (credentials: Credentials, access: Access)?
  private var pending: (credentials: Credentials, task: Task<Access, any Error>)?
  private var refusal: (credentials: Credentials, error: any Error, at: Duration)?
  private var logins: [Duration] = []

  public init(now: @escaping @Sendable () -> Duration = TimeSource.system.monotonic) { self.now = now }

  /// The current access if it is usable, else a new one.
  ///
  /// - Parameters:
  ///   - isUsable: Whether the current access is still good: not expired and not just refused.
  ///   - isRefusal: Whether an error means that the credentials are wrong, so that a retry does not help.
  ///   - login: Gets a new access. Every waiting caller gets its error.
  /// - Throws: ``TooManyLogins``, a remembered refusal, or what `login` throws.
  public func access(
    for credentials: Credentials, isUsable: @Sendable (Access) -> Bool,
    isRefusal: @Sendable (any Error) -> Bool = { _ in false }, login: @escaping @Sendable () async throws -> Access
  ) async throws -> Access {
    if let current, current.credentials == credentials, isUsable(current.access) { return current.access }
    // A login that others wait for may have given just the access that was refused since.
    var seen: Task<Access, any Error>?
    while let pending, pending.credentials == credentials, pending.task != seen {
      let access = try await value(of: pending.task)
      if isUsable(access) { return access }
      seen = pending.task
    }
    if let current, current.credentials == credentials, isUsable(current.access) { return current.access }
    let now = now()
    if let refusal, refusal.credentials == credentials, now - refusal.at < Self.memory { throw refusal.error }
    logins.removeAll { now - $0 >= Self.memory }
    guard logins.count < Self.maximumLogins else { throw TooManyLogins() }
    let task = Task { try await login() }
    pending = (credentials, task)
    defer { if pending?.task == task { pending = nil } }
    do {
      let access = try await value(of: task)
      logins.append(now)
      current = (credentials, access)
      return access
    } catch {
      if isRefusal(error) { refusal = (credentials, error, now) }
      throw error
    }
  }

  /// Waits for a login. Cancelling the waiting task cancels the login too, which runs in an unstructured task.
  private func value(of task: Task<Access, any Error>) async throws -> Access {
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
