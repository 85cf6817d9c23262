import ArgumentParser
import ConfigurationReading
import CurlTransport
import CustomerJob
import CustomerModel
import Formats
import Foundation
import Time

struct CustomersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "customers",
    abstract: "Show the customers that the sync has written: from the table, or from the file without AWS credentials.")

  @Flag(help: "Only customers with a failed payment.") var delinquent = false
  @Flag(name: .customLong("cancel-mentioned"), help: "Only customers who mentioned a cancellation.")
  var cancelMentioned = false
  @Option(help: "Only customers with this subscription status, such as past_due.") var status: String?
  @Option(name: .customLong("mrr-over"), help: "Only customers with more MRR than this, in the base currency.")
  var mrrOver: String?
  @Option(name: .customLong("unseen-days"), help: "Only customers who were last seen longer ago than so many days.")
  var unseenDays: Int?
  @Flag(name: .customLong("include-deleted"), help: "Also those whom no contact stands for any more.")
  var includeDeleted = false
  @Option(help: "The field to sort by, by its name in the table (default: mrr).") var sort = "mrr"
  @Option(help: "Show at most so many; the totals count all.") var limit: Int?
  @Option(help: "How to print them.") var output = OutputFormat.table
  @OptionGroup var configuration: ConfigurationOptions

  func validate() throws {
    guard CustomerField(rawValue: sort) != nil else {
      throw ValidationError(
        "--sort: there is no field \(sort); there are \(CustomerField.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    guard mrrOver.map({ Rational(decimal: $0) != nil }) ?? true else {
      throw ValidationError("--mrr-over: expected a number such as 500")
    }
    guard unseenDays ?? 0 >= 0, unseenDays ?? 0 < 100_000, limit ?? 0 >= 0 else {
      throw ValidationError("--unseen-days and --limit can't be negative or beyond all reason")
    }
  }

  func run() async throws {
    let environment = configuration.environment()
    let reader: CustomerReader
    let rows: [Customer]
    do {
      reader = try CustomerReader(environment: environment, transport: try CurlMultiTransport())
      rows = try await reader.customers()
    } catch let error as ConfigurationError {
      Console.error("\(error)")
      throw ExitStatus.usage
    } catch {
      Console.error("the customers can't be read: \(error)")
      throw ExitStatus.failed
    }
    let now = TimeSource.system.now
    var filter = CustomerFilter()
    filter.isDelinquent = delinquent
    filter.mentionedCancel = cancelMentioned
    filter.status = status
    filter.mrrOver = mrrOver.flatMap { Rational(decimal: $0) }
    filter.unseenDays = unseenDays
    filter.includesDeleted = includeDeleted
    filter.sortField = CustomerField(rawValue: sort) ?? .mrr
    let found = filter.apply(to: rows.map { $0.asOf(now) }, now: now)
    let shown = limit.map { Array(found.prefix($0)) } ?? found
    let totals = CustomerTotals(found, reader.baseCurrency)
    switch output {
    case .csv:
      try Console.output(CustomerCSV.headerLine + shown.flatMap { CustomerCSV.line($0) })
    case .json:
      try Console.output(try JSONBody.encode(JSONList(customers: shown, totals: .init(totals))) + [10])
    case .table:
      if rows.isEmpty { Console.error("\(reader.place) has no customers yet; run the job customer_sync first") }
      try Console.print(CustomerListing(shown, totals, of: rows.count, place: reader.place).text)
    }
  }

  private struct JSONList: Encodable {
    struct Totals: Encodable {
      let count: Int
      let mrr: [String: Double]
      let statuses: [String: Int]
      let plans: [String: Int]
      let avg_quality_score: Double?

      init(_ totals: CustomerTotals) {
        count = totals.count
        mrr = totals.mrr.mapValues(\.double)
        statuses = totals.statuses
        plans = totals.plans
        avg_quality_score = totals.meanQuality
      }
    }

    let customers: [Customer]
    let totals: Totals
  }
}
