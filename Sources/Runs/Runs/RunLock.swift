import Time

/// Keeps two runs apart that would write the same, as far as there is a table to do it with.
struct RunLock: Sendable {
  private let table: MetricsTable
  private let key: String
  private let context: RunContext<Void>

  /// How long a run without a limit of its own may take, in seconds.
  private static let longestRun: Int64 = 3600

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - key: What must not be written by two runs: `health_score#2026-10`.
  ///   - subject: What people call it: `2026-10`.
  ///   - end: When the run is over in any case; nil without a limit.
  /// - Returns: The lock to release at the end, and a warning if nothing protects the run, which goes on all the same.
  /// - Throws: ``JobError`` if another run holds the lock.
  static func take(
    _ key: String, of subject: String, for context: RunContext<Void>, until end: Timestamp?
  ) async throws -> (lock: RunLock?, warning: String?) {
    guard let table = context.watchers.metricsTable else {
      return (nil, "no AWS credentials are set: the run is not recorded, and nothing keeps a second live run away")
    }
    do {
      let until = end ?? context.now.advanced(bySeconds: longestRun)
      guard let holder = try await table.lock(key, for: context.runID, now: context.now, until: until) else {
        return (RunLock(table: table, key: key, context: context), nil)
      }
      throw JobError(
        .alreadyRunning,
        "nothing was written: run \(holder.runID) has been writing \(subject) since \(holder.since); try again when it has ended, at \(holder.until) at the latest"
      )
    } catch let error as JobError {
      throw error
    } catch {
      // The table may hold the lock in spite of the error. Releasing it is harmless.
      return (
        RunLock(table: table, key: key, context: context),
        "nothing keeps a second live run of \(subject) away: \(error)"
      )
    }
  }

  func release() async {
    do {
      try await table.unlock(key, for: context.runID, now: context.now)
    } catch {
      context.log.warning("the lock stays until it ends by itself", metadata: ["error": "\(error)"])
    }
  }
}
