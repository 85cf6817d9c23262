import HTTPClient
import HealthModel
import Intercom
import Jira
import Looker
import Salesforce

/// `sources.yaml`: what each vendor's module is told.
public struct SourceOptions: Sendable, Equatable {
  public var intercom: IntercomOptions
  public var jira: JiraOptions
  public var looker: LookerOptions
  public var salesforce: SalesforceOptions

  init(_ document: ConfigurationSection) {
    intercom = document.required("intercom").section(IntercomOptions.init(section:))
    jira = document.required("jira").section(JiraOptions.init(section:))
    looker = document.required("looker").section(LookerOptions.init(section:))
    salesforce = document.required("salesforce").section(SalesforceOptions.init(section:))
    document.close()
  }
}

extension RateLimit {
  fileprivate init(section: ConfigurationSection) {
    self.init(
      requests: section.required("requests").wholeNumber(in: 1...1_000_000),
      window: section.required("window_seconds").seconds(in: 1...3600),
      maximumConcurrency: section.required("concurrency").wholeNumber(in: 1...500))
  }
}

extension ConfigurationField {
  /// Texts that compare in any case.
  fileprivate func names() -> Set<String> { Set(texts().map { $0.lowercased() }) }

  /// The same; the list may be empty.
  fileprivate func namesOrNone() -> Set<String> { Set(textsOrNone().map { $0.lowercased() }) }
}

extension IntercomOptions {
  fileprivate init(section: ConfigurationSection) {
    self.init(
      apiVersion: section.required("api_version").identifier(),
      customerInitiated: Set(section.required("customer_initiated").texts()),
      customerAnswered: Set(section.optional("customer_answered")?.textsOrNone() ?? ["operator_initiated"]),
      highPriorities: section.required("high_priorities").names(),
      highPriorityTags: section.required("high_priority_tags").namesOrNone(),
      escalationTags: section.required("escalation_tags").namesOrNone(),
      maximumSlices: section.required("maximum_slices").wholeNumber(in: 1...1000),
      rateLimit: section.required("rate_limit").section(RateLimit.init(section:)))
  }
}

extension JiraOptions {
  fileprivate init(section: ConfigurationSection) {
    self.init(
      bugTypes: section.required("bug_types").texts(),
      criticalPriorities: section.required("critical_priorities").names(),
      reopenedStatuses: section.required("reopened_statuses").texts(),
      projectsPerQuery: section.required("projects_per_query").wholeNumber(in: 1...200),
      rateLimit: section.required("rate_limit").section(RateLimit.init(section:)))
  }
}

extension LookerOptions {
  fileprivate init(section: ConfigurationSection) {
    let timeout = section.required("timeout_seconds").seconds(in: 1...900)
    let looks = section.required("looks").section()
    let adoption = section.required("adoption").section()
    func single(_ name: String) -> SingleField {
      looks.required(name).section { look in
        SingleField(
          look: LookerLook(section: look, timeout: timeout), field: look.required("value").section(LookerField.init))
      }
    }
    let bookings = looks.required("bookings").section { look in
      Bookings(
        look: LookerLook(section: look, timeout: timeout),
        total: look.required("total_bookings").section(LookerField.init),
        messages: look.required("with_messages").section(LookerField.init),
        checkIn: look.required("with_checkin").section(LookerField.init),
        walletKey: look.required("with_wallet_key").section(LookerField.init),
        mobileKey: look.required("with_mobile_key").section(LookerField.init))
    }
    func view(_ name: String, fields: [String]) -> View {
      adoption.required(name).section { view in
        View(
          name: view.required("view").identifier(), brand: view.required("brand").identifier(),
          month: view.required("month").identifier(),
          fields: fields.map { view.required($0).section(LookerField.init) },
          monthsBack: view.required("trend_months").wholeNumber(in: 1...24))
      }
    }
    self.init(
      bookings: bookings, sharedInbox: single("shared_inbox"), sentiment: single("sentiment"),
      automation: single("automation"), responseTarget: single("response_target"), pageVisits: single("page_visits"),
      itinerary: single("itinerary"), model: adoption.required("model").identifier(),
      platformScore: view("platform_score", fields: ["score"]),
      featureUsage: view("feature_usage", fields: ["feature_breadth", "page_visits", "arrivals"]),
      queryTimeout: timeout, rowLimit: section.required("row_limit").wholeNumber(in: -1...10_000_000),
      rateLimit: section.required("rate_limit").section(RateLimit.init(section:)),
      timeZone: section.optional("time_zone")?.text())
    looks.close()
    adoption.close()
    let ids = [
      bookings.look, sharedInbox.look, sentiment.look, automation.look, responseTarget.look, pageVisits.look,
      itinerary.look,
    ]
    .map(\.lookID)
    if Set(ids).count < ids.count {
      looks.reader.note("two of them name the same look, expected seven different ones", at: looks.path, looks.mark)
    }
  }
}

extension LookerLook {
  fileprivate init(section: ConfigurationSection, timeout: Duration) {
    self.init(
      lookID: section.required("look").identifier(), brand: section.required("brand").identifier(),
      timeout: section.optional("timeout_seconds")?.seconds(in: 1...900) ?? timeout)
  }
}

extension LookerField {
  fileprivate init(_ section: ConfigurationSection) {
    self.init(name: section.required("field").identifier(), unit: section.required("unit").choice(LookerUnit.self))
  }
}

extension SalesforceOptions {
  fileprivate init(section: ConfigurationSection) {
    let account = section.required("account").section { fields in
      AccountFields(
        arr: fields.required("arr").identifier(), successTier: fields.required("success_tier").identifier(),
        responsiveness: fields.optional("responsiveness")?.identifier(),
        executiveEngagement: fields.optional("exec_engagement")?.identifier())
    }
    let opportunities = section.required("opportunity_types").section { types in
      OpportunityTypes(
        renewal: types.required("renewal").texts(), contractChange: types.required("contract_change").texts())
    }
    let payments = section.required("payments").section { names in
      Payments(
        object: names.required("object").identifier(), account: names.required("account").identifier(),
        date: names.required("date").identifier(), status: names.required("status").identifier(),
        failed: names.required("failed").texts())
    }
    let history = section.required("arr_history").section { names in
      History(
        object: names.required("object").identifier(), account: names.required("account").identifier(),
        date: names.required("date").identifier(), arr: names.required("arr").identifier(),
        minimumAgeDays: names.required("minimum_age_days").wholeNumber(in: 0...3660))
    }
    let reviews = section.required("business_reviews").section { names in
      BusinessReviews(types: names.required("types").texts(), attended: names.required("attended").identifier())
    }
    let expansion = section.required("expansion").section { names in
      Expansion(
        object: names.required("object").identifier(), account: names.required("account").identifier(),
        status: names.required("status").identifier(), closed: names.required("closed").texts())
    }
    let signals = section.required("churn_signals").section { names in
      let standard = SignalValues()
      func values(_ key: String, _ path: KeyPath<SignalValues, [String]>) -> [String] {
        names.optional(key)?.texts() ?? standard[keyPath: path]
      }
      return Signals(
        object: names.required("object").identifier(), account: names.required("account").identifier(),
        severity: names.required("severity").identifier(), confidence: names.required("confidence").identifier(),
        status: names.required("status").identifier(), observed: names.required("observed").identifier(),
        values: SignalValues(
          active: values("active", \.active), monitoring: values("monitoring", \.monitoring),
          critical: values("critical", \.critical), moderate: values("moderate", \.moderate),
          watch: values("watch", \.watch), confirmed: values("confirmed", \.confirmed)))
    }
    let alignment = section.required("tier_alignment").section { rule in
      TierAlignment(
        arrAbove: rule.required("arr_above").number(in: 0...1e15),
        misalignedTiers: rule.required("misaligned_tiers").texts())
    }
    let scores = section.required("health_scores").section { names in
      HealthScores(
        object: names.required("object").identifier(), keyField: names.required("key").identifier(),
        metricFields: names.required("metric_fields").section { fields in
          var found: [Metric: String] = [:]
          for metric in Metric.allCases { found[metric] = fields.optional(metric.path)?.identifier() }
          return found
        },
        bulkThreshold: names.required("bulk_above").wholeNumber(in: 0...100_000))
    }
    self.init(
      apiVersion: section.required("api_version").identifier(),
      soapVersion: section.required("soap_api_version").identifier(),
      accountsPerQuery: section.required("accounts_per_query").wholeNumber(in: 1...500), account: account,
      opportunityTypes: opportunities, payments: payments, history: history, businessReviews: reviews,
      championRole: section.required("champion_role").text(), expansion: expansion, signals: signals,
      tierAlignment: alignment, healthScores: scores,
      rateLimit: section.required("rate_limit").section(RateLimit.init(section:)))
  }
}
