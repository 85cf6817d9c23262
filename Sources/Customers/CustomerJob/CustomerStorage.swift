import AWSClient
import CustomerModel
import CustomerTable
import Runs

/// The table and the state of a run: in DynamoDB, or in files where there are no AWS credentials outside of Lambda.
struct CustomerStorage: Sendable {
  let table: any CustomerTable
  let state: any SyncStateStore

  /// - Throws: ``JobError`` where Lambda has no credentials.
  init(_ context: RunContext<CustomerSyncSetup>) throws {
    guard let settings = context.operations.aws else {
      guard !context.environment.isLambda else {
        throw JobError(
          .noCredentials, "there are no AWS credentials to reach the table \(context.setup.tableName) with")
      }
      table = CustomerFile(folder: context.environment.outputDirectory)
      state = SyncStateFile(folder: context.environment.outputDirectory)
      return
    }
    func database(until deadline: Duration?, concurrency: Int = 8) -> DynamoDB {
      DynamoDB(
        settings: settings, transport: context.sessions.transport, time: context.time, deadline: deadline,
        concurrency: concurrency)
    }
    table = DynamoDBCustomerTable(
      database(until: context.deadlines.load, concurrency: context.setup.configuration.writeConcurrency),
      name: context.setup.tableName, concurrency: context.setup.configuration.writeConcurrency)
    state = SyncStateItems(
      database(until: context.deadlines.closing), options: context.operations.metricsTable, now: context.now)
  }

  /// - Throws: ``JobError``: without the table and the state the job does not know what it has.
  func load() async throws -> ([String: Customer], SyncState?) {
    do {
      async let state = state.load()
      return (try await table.rows(), try await state)
    } catch is CancellationError {
      throw JobError(.terminated, "the environment is shutting down; nothing was written, run the job again")
    } catch {
      throw JobError(
        .storageUnavailable, "nothing was written, since the table or the sync's state can't be read: \(error)")
    }
  }
}
