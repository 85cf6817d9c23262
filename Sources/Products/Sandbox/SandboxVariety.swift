/// Ways in which a customer's vendor accounts differ from most. A program that was built for one customer gets them
/// wrong without notice: its metrics become zero, and zeros score well.
public enum SandboxVariety: String, CaseIterable, Sendable {
  /// Conversations carry no company; their contact's first company counts.
  case companiesNone = "companies-none"
  /// Only the conversations of every other account carry a company. There are many of visitors without a company.
  case companiesMixed = "companies-mixed"
  /// Company ids are spelled differently from the mapping: in upper case, `&` as an HTML entity.
  case companiesSpelled = "companies-spelled"
  /// The workspace's tags have other names than the configured ones.
  case tagsRenamed = "tags-renamed"
  /// A Messenger bot opens the conversations, and the customer writes in them.
  case botOpened = "bot-opened"
  /// A few conversations of every fifth account have a null `delivered_as`.
  case conversationsOdd = "conversations-odd"

  /// Names of priorities and statuses are in another language; ids are the same.
  case jiraTranslated = "jira-translated"
  /// A project was given another key. A search by the old key finds bugs that have the new one.
  case jiraRenamedProject = "jira-renamed-project"
  /// Bugs are done without a resolution.
  case jiraUnresolved = "jira-unresolved"
  /// One project has another name for the issue type of bugs.
  case jiraOtherType = "jira-other-type"
  /// The list of components is empty, although bugs name components.
  case jiraComponentsHidden = "jira-components-hidden"
  /// One project is refused by the search although its components can be listed.
  case jiraProjectRefused = "jira-project-refused"
  /// Some bugs of every fifth account have no status.
  case jiraOdd = "jira-odd"
  /// A page says that it is the last one and names a next one.
  case jiraContradicting = "jira-contradicting"

  /// Two Looks are pivoted.
  case lookerPivoted = "looker-pivoted"
  /// Numbers are formatted as texts: "42.5%", "1,234".
  case lookerFormatted = "looker-formatted"
  /// Shares are percentages where fractions are configured.
  case lookerPercent = "looker-percent"
  /// A Look gives no more rows than its own limit.
  case lookerCapped = "looker-capped"
  /// Months are written out: "October 2026".
  case lookerMonths = "looker-months"
  /// The instance's time zone is behind UTC, so that its month ends hours later.
  case lookerZone = "looker-zone"

  /// Picklists have other values than the configured ones.
  case salesforcePicklists = "salesforce-picklists"
  /// The org has several currencies, and accounts and their history are in different ones.
  case salesforceCurrencies = "salesforce-currencies"
  /// Sharing hides all opportunities.
  case salesforceHidden = "salesforce-hidden"
  /// ARR is a formula that gives a text with a currency sign.
  case salesforceTextAmounts = "salesforce-text-amounts"
  /// Cursors of queries are dropped before their last page.
  case salesforceCursors = "salesforce-cursors"
  /// The org no longer supports the configured API version.
  case salesforceVersion = "salesforce-version"
  /// Churn signals stay Active after their expiry, because no flow sets them to Expired.
  case salesforceExpiry = "salesforce-expiry"

  /// One line for people, as `--variety list` prints it.
  public var summary: String {
    switch self {
    case .companiesNone: "conversations carry no company"
    case .companiesMixed: "some conversations carry a company, others and visitors' do not"
    case .companiesSpelled: "company ids differ by case and HTML entities from the mapping"
    case .tagsRenamed: "tags have other names than configured"
    case .botOpened: "a bot opens conversations"
    case .conversationsOdd: "some conversations can't be read"
    case .jiraTranslated: "Jira in another language"
    case .jiraRenamedProject: "a project was given another key"
    case .jiraUnresolved: "bugs are done without a resolution"
    case .jiraOtherType: "a project lacks the configured issue type"
    case .jiraComponentsHidden: "components are not listed, bugs name them"
    case .jiraProjectRefused: "one project is refused by the search"
    case .jiraOdd: "some bugs can't be read"
    case .jiraContradicting: "a last page that names a next one"
    case .lookerPivoted: "pivoted Looks"
    case .lookerFormatted: "numbers formatted as texts"
    case .lookerPercent: "percentages where fractions are configured"
    case .lookerCapped: "a Look cut off at its own limit"
    case .lookerMonths: "months written out"
    case .lookerZone: "a time zone in which the month goes on after UTC's ended"
    case .salesforcePicklists: "picklists with other values"
    case .salesforceCurrencies: "an org with several currencies"
    case .salesforceHidden: "sharing hides all opportunities"
    case .salesforceTextAmounts: "ARR as a formatted text"
    case .salesforceCursors: "query cursors are dropped"
    case .salesforceVersion: "the org lacks the API's version"
    case .salesforceExpiry: "expired churn signals stay active"
    }
  }
}
