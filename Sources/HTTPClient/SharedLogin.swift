/// A login that outlives a run, and that callers at the same time share.
///
/// Vendors count logins, and some lock a user out for too many.
public actor SharedLogin<Credentials: Equatable & Sendable, Access: Sendable> {
  private var current: (credentials: Credentials, access: Access)?
  private var pending: Task<Access, any Error>?

  public init() {}

  /// The access in use, or a new one.
  ///
  /// - Parameters:
  ///   - isUsable: Whether the access in use may go on being used: not expired, not just refused.
  ///   - login: Gets a new one. Its error is every waiting caller's.
  public func access(
    for credentials: Credentials, isUsable: @Sendable (Access) -> Bool,
    login: @escaping @Sendable () async throws -> Access
  ) async throws -> Access {
    if let current, current.credentials == credentials, isUsable(current.access) { return current.access }
    if let pending { return try await value(of: pending) }
    let task = Task { try await login() }
    pending = task
    defer { pending = nil }
    let access = try await value(of: task)
    current = (credentials, access)
    return access
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
