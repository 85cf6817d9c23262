import AWSClient
import ConfigurationReading
import CustomerModel
import CustomerTable
import HTTPClient
import Runs

/// Reads the customers for people: from the table, or from the file where there are no AWS credentials.
public struct CustomerReader: Sendable {
  /// Where the customers come from, for messages.
  public let place: String
  /// The currency of the field `mrr`.
  public let baseCurrency: Currency
  private let table: any CustomerTable
  private let database: DynamoDB?

  /// - Throws: `ConfigurationError` with every problem of the file and of the variables.
  public init(environment: Environment, transport: any HTTPTransport) throws {
    let configuration = try RunConfiguration(environment, readFile: JobRunner.fileText) {
      try CustomerSyncJob().setup(environment)
    }
    baseCurrency = configuration.setup.configuration.rules.baseCurrency
    if let settings = configuration.operations.aws {
      place = configuration.setup.tableName
      let database = DynamoDB(settings: settings, transport: transport)
      self.database = database
      table = DynamoDBCustomerTable(database, name: place, concurrency: 1)
    } else {
      place = "\(environment.outputDirectory)/\(CustomerFile.name)"
      database = nil
      table = CustomerFile(folder: environment.outputDirectory)
    }
  }

  /// Whether the table is there, with the key that the sync writes by.
  public func check() async -> OperationsCheck.Finding {
    guard let database else { return .init(text: "CUSTOMERS_TABLE: none, the customers are in \(place)", isGood: true) }
    do {
      let keys = try await database.keyNames(of: place)
      return keys == [CustomerField.email.rawValue]
        ? .init(text: "CUSTOMERS_TABLE: \(place) is there", isGood: true)
        : .init(
          text: "CUSTOMERS_TABLE: \(place) has the keys \(keys.joined(separator: ", ")), expected email alone",
          isGood: false)
    } catch let error as AWSError where error.code == "AccessDeniedException" {
      return .init(
        text:
          "CUSTOMERS_TABLE: \(place) can't be looked at (dynamodb:DescribeTable); a run itself needs Scan and UpdateItem",
        isGood: true)
    } catch let error as AWSError where error.code == "ResourceNotFoundException" {
      // Only the customer sync needs it.
      return .init(text: "CUSTOMERS_TABLE: there is no table \(place); the customer sync needs it", isGood: true)
    } catch {
      return .init(text: "CUSTOMERS_TABLE: \(error)", isGood: false)
    }
  }

  /// Every row, also of those who are customers no longer.
  ///
  /// - Throws: What the storage throws; a retry may help.
  public func customers() async throws -> [Customer] { Array(try await table.rows().values) }
}
