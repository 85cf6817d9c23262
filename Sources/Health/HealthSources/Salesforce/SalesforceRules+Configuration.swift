import ConfigurationReading
import HealthModel
import Salesforce

extension SalesforceRules {
  init(section: ConfigurationSection) {
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
      client: SalesforceOptions(section: section),
      accountsPerQuery: section.required("accounts_per_query").wholeNumber(in: 1...500), account: account,
      opportunityTypes: opportunities, payments: payments, history: history, businessReviews: reviews,
      championRole: section.required("champion_role").text(), expansion: expansion, signals: signals,
      tierAlignment: alignment, healthScores: scores)
  }
}
