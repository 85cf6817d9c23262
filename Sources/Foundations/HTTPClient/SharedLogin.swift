import Time

/// A login that outlives a run, and that callers at the same time share.
///
/// Vendors count logins, and some lock a user out for too many: a refusal is remembered for a minute, and nobody logs in
/// more than a few times a minute, whatever becomes of the sessions.
public actor SharedLogin<Credentials: Equatable & Sendable, Access: Sendable> {
  private static var memory: Duration { .seconds(60) }
  private static var maximumLogins: Int { 5 }

  private let now: @Sendable () -> Duration
  private var current: (credentials: Credentials, access: Access)?
  private var pending: (credentials: Credentials, task: Task<Access, any Error>)?
  private var refusal: (credentials: Credentials, error: any Error, at: Duration)?
  private var logins: [Duration] = []

  public init(now: @escaping @Sendable () -> Duration = TimeSource.system.monotonic) { self.now = now }

  /// The access in use, or a new one.
  ///
  /// - Parameters:
  ///   - isUsable: Whether the access in use may go on being used: not expired, not just refused.
  ///   - isRefusal: Whether an error means that the credentials are wrong, so that another try would be too.
  ///   - login: Gets a new one. Its error is every waiting caller's.
  public func access(
    for credentials: Credentials, isUsable: @Sendable (Access) -> Bool,
    isRefusal: @Sendable (any Error) -> Bool = { _ in false }, login: @escaping @Sendable () async throws -> Access
  ) async throws -> Access {
    if let current, current.credentials == credentials, isUsable(current.access) { return current.access }
    if let pending, pending.credentials == credentials { return try await value(of: pending.task) }
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

  /// Cancelling whoever waits for a login cancels it, which a task of its own would outlive.
  private func value(of task: Task<Access, any Error>) async throws -> Access {
    try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }
}

/// Sessions were refused as soon as they were given.
public struct TooManyLogins: Error, Sendable, CustomStringConvertible {
  public var description: String { "every session was refused soon after its login; no more logins for a minute" }
}
