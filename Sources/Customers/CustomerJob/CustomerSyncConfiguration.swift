import ConfigurationReading
import Connectors
import CustomerModel
import FoundationEssentials
import Intercom

/// `config/customers.yaml`, checked.
public struct CustomerSyncConfiguration: Sendable {
  public static let fileName = "customers.yaml"

  public let rules: CustomerRules
  let intercom: IntercomOptions
  /// The most parts that a search is read in.
  let maximumSlices: Int
  /// How long before the watermark a search of changes begins.
  let overlap: Duration
  /// How much wider a search is than it should be, where the API cuts times to days.
  let searchSlack: Duration
  /// With `{workspace}` and `{contact}`.
  let contactURL: String
  /// Percent of the customers.
  let deletedAtMost: Int
  let writeConcurrency: Int

  /// - Parameter bytes: The file's; nil where it can't be read.
  /// - Throws: ``ConfigurationError`` with every problem of the file.
  public init(_ bytes: [UInt8]?) throws {
    let reader = ConfigurationReader(file: Self.fileName)
    guard let document = reader.document(bytes) else {
      throw ConfigurationError(problems: reader.sortedProblems.map(\.description))
    }
    let vendor = document.required("intercom").section()
    intercom = IntercomOptions(section: vendor)
    maximumSlices = vendor.required("maximum_slices").wholeNumber(in: 1...1000)
    overlap = .seconds(60 * vendor.required("overlap_minutes").wholeNumber(in: 1...1440))
    searchSlack = .seconds(86_400 * vendor.required("search_slack_days").wholeNumber(in: 0...7))
    contactURL = vendor.required("contact_url").text()
    vendor.close()
    let revenue = document.required("revenue").section()
    let currency = revenue.required("base_currency")
    let code = currency.text()
    let base = Currency(code)
    if base == nil { currency.note("expected the three letters of a currency, such as USD") }
    let table = document.required("table").section()
    deletedAtMost = table.required("deleted_at_most_percent").wholeNumber(in: 0...100)
    writeConcurrency = table.required("write_concurrency").wholeNumber(in: 1...500)
    table.close()
    let alerts = document.required("alerts").section()
    let recentDays = document.required("recent_days").wholeNumber(in: 1...365)
    let phrases = document.required("cancel_phrases").texts()
    let quality = document.required("quality").section { section in
      func points(_ name: String) -> Int { section.required(name).wholeNumber(in: 0...100) }
      return CustomerRules.Quality(
        stripeID: points("stripe_id"), activeSubscription: points("active_subscription"),
        lifetimeValue: points("lifetime_value"), recentlySeen: points("recently_seen"),
        recentlySeenDays: section.required("recently_seen_days").wholeNumber(in: 1...365), location: points("location"),
        conversation: points("conversation"), csat: points("csat"))
    }
    let placeholder = Currency("USD")
    let statuses = Set(revenue.required("mrr_statuses").texts().map { $0.lowercased() })
    let unit = revenue.required("attribute_unit").choice(CustomerRules.AttributeUnit.self)
    let highValue = alerts.required("high_value_mrr").wholeNumber(in: 0...1_000_000_000)
    let change = alerts.required("mrr_change_percent").wholeNumber(in: 1...10_000)
    revenue.close()
    alerts.close()
    document.close()
    let total =
      quality.stripeID + quality.activeSubscription + quality.lifetimeValue + quality.recentlySeen + quality.location
      + quality.conversation + quality.csat
    if reader.problems.isEmpty, total != 100 {
      document.required("quality").note("the points add up to \(total), expected 100")
    }
    guard reader.problems.isEmpty, let base = base ?? placeholder else {
      throw ConfigurationError(problems: reader.sortedProblems.map(\.description))
    }
    rules = CustomerRules(
      baseCurrency: base, mrrStatuses: statuses, attributeUnit: unit, quality: quality, recentDays: recentDays,
      cancelPhrases: phrases, highValueMRR: highValue, mrrChangePercent: change)
  }
}

/// Everything that the customer sync is given: its file, its credentials and its table's name, checked together.
public struct CustomerSyncSetup: Sendable {
  public let configuration: CustomerSyncConfiguration
  /// Nil without a token: nothing can be read.
  public let credentials: IntercomCredentials?
  /// `CUSTOMERS_TABLE` (default `{ENVIRONMENT}-unified-customers`): a table's name or ARN.
  public let tableName: String
  /// What a person should know of the environment, one line each.
  public let warnings: [String]

  /// - Throws: ``ConfigurationError`` with every problem of the file and of the variables.
  public init(environment: Environment) throws {
    var problems: [String] = []
    var configuration: CustomerSyncConfiguration?
    do {
      let path = "\(environment.configDirectory)/\(CustomerSyncConfiguration.fileName)"
      configuration = try CustomerSyncConfiguration(
        (try? Data(contentsOf: URL(filePath: path))).map { Array($0) })
    } catch let error as ConfigurationError {
      problems = error.problems
    }
    var reader = VariableReader(environment: environment)
    credentials = IntercomCredentials(&reader)
    tableName = Self.tableName(&reader)
    warnings = reader.warnings
    problems += reader.problems
    guard let configuration, problems.isEmpty else { throw ConfigurationError(problems: problems) }
    self.configuration = configuration
  }

  /// `CUSTOMERS_TABLE`, or its default.
  public static func tableName(_ reader: inout VariableReader) -> String {
    reader.text(
      "CUSTOMERS_TABLE", default: "\(reader.environment.name)-unified-customers", length: 3...1024,
      "a DynamoDB table's name or ARN"
    ) { $0.isASCIIAlphanumeric || "_.-:/".utf8.contains($0) }
  }
}
