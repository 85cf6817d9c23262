import Time

/// Keeps two live runs of one month apart, as far as there is a table to do it with.
struct RunLock: Sendable {
  private let table: MetricsTable
  private let month: String
  private let context: RunContext

  /// How long a run without a limit of its own may take.
  private static let longestRun: Int64 = 3600

  /// Takes the month.
  ///
  /// - Returns: The lock, or why there is none: the run goes on without.
  /// - Throws: ``JobError`` where another run has it.
  static func take(
    _ period: Period, for context: RunContext, until end: Timestamp?
  ) async throws -> (lock: RunLock?, warning: String?) {
    let month = "\(JobName.healthScore.rawValue)#\(period)"
    guard let table = context.watchers.metricsTable else {
      return (nil, "no AWS credentials are set: the run is not recorded, and nothing keeps a second live run away")
    }
    do {
      let until = end ?? context.now.advanced(bySeconds: longestRun)
      guard let holder = try await table.lock(month, for: context.runID, now: context.now, until: until) else {
        return (RunLock(table: table, month: month, context: context), nil)
      }
      throw JobError(
        .alreadyRunning,
        "nothing was written: run \(holder.runID) has been writing \(period) since \(holder.since); try again when it has ended, at \(holder.until) at the latest"
      )
    } catch let error as JobError {
      throw error
    } catch {
      // The table may have taken it all the same; giving it back is harmless.
      return (
        RunLock(table: table, month: month, context: context),
        "nothing keeps a second live run of \(period) away: \(error)"
      )
    }
  }

  func release() async {
    do {
      try await table.unlock(month, for: context.runID, now: context.now)
    } catch {
      context.log.warning("the lock stays until it ends by itself", metadata: ["error": "\(error)"])
    }
  }
}
