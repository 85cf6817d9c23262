extension Task where Failure == any Error {
  /// The task's value; cancelling whoever waits for it cancels the task, which a task of its own would outlive.
  public var valueOrCancel: Success {
    get async throws {
      try await withTaskCancellationHandler {
        try await value
      } onCancel: {
        cancel()
      }
    }
  }
}
