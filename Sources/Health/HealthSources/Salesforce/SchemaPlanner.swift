import HealthModel
import Salesforce

/// Compares the configured objects and fields with those that the org has.
struct SchemaPlanner {
  let rules: SalesforceRules
  /// Whether the org has several currencies.
  let hasCurrencies: Bool

  func state(
    of dataset: SalesforceDataset, _ description: Result<ObjectDescription?, any Error>
  ) -> SalesforceSlice.State {
    let schema = dataset.schema(rules)
    switch description {
    case .failure(let error): return .unreadable("\(error)")
    case .success(nil): return .absent("the org has no object \(schema.object), or the user may not see it")
    case .success(let description?):
      let missing = ([schema.account] + schema.required).filter { description.field($0) == nil }
      guard missing.isEmpty else {
        let message = "\(schema.object) has no field \(missing.joined(separator: ", ")), or the user may not see it"
        // Every org has accounts. And where signals lack a field, this does not mean that there are no signals.
        return dataset == .accounts || dataset == .signals ? .unreadable(message) : .absent(message)
      }
      if let mismatch = mismatch(dataset, description) { return .unmatched("\(schema.object).\(mismatch)") }
      let fields = ([schema.account] + schema.required + schema.optional).compactMap { description.field($0) }
      var readable = ReadableSchema(fields: fields.map(\.name))
      readable.dateTimes = Set(fields.filter { $0.type == "datetime" }.map { $0.name.lowercased() })
      if dataset == .accounts {
        noteAccountFields(description, &readable)
        if description.field(SalesforceRules.ownerID)?.relationshipName == "Owner" {
          readable.fields.append(SalesforceRules.ownerName)
        }
      }
      noteMoney(dataset, description, &readable)
      return .readable(readable)
    }
  }

  /// A text for messages where a picklist has none of the configured values. Nothing would match them, and nothing
  /// scores well.
  private func mismatch(_ dataset: SalesforceDataset, _ description: ObjectDescription) -> String? {
    switch dataset {
    case .renewals: return description.mismatch("Type", rules.opportunityTypes.renewal)
    case .contractChanges: return description.mismatch("Type", rules.opportunityTypes.contractChange)
    case .payments: return description.mismatch(rules.payments.status, rules.payments.failed)
    case .businessReviews: return description.mismatch("Type", rules.businessReviews.types)
    case .champions: return description.mismatch("Roles", [rules.championRole])
    case .expansion: return description.mismatch(rules.expansion.status, rules.expansion.closed)
    case .signals:
      let names = rules.signals
      let values = names.values
      return description.mismatch(names.status, values.active)
        ?? description.mismatch(names.severity, values.critical + values.moderate + values.watch)
        ?? description.mismatch(names.confidence, values.confirmed)
    case .accounts, .history, .previousScores: return nil
    }
  }

  /// Notes the metrics of `Account` fields that the org does not have. The other fields are still read.
  private func noteAccountFields(_ description: ObjectDescription, _ readable: inout ReadableSchema) {
    let needs: [(String?, [Metric])] = [
      (rules.account.arr, [.arrTrajectory, .tierAlignment]),
      (rules.account.successTier, [.tierAlignment]),
      (rules.account.responsiveness, [.responsiveness]),
      (rules.account.executiveEngagement, [.executiveEngagement]),
    ]
    for (field, metrics) in needs {
      guard let field, description.field(field) == nil else { continue }
      readable.absentMetrics.formUnion(metrics.map(\.path))
      let labels = metrics.map(\.path).joined(separator: ", ")
      readable.warnings.insert(
        "Account has no field \(field), or the user may not see it; \(labels) is not configured")
    }
    if let mismatch = description.mismatch(rules.account.successTier, rules.tierAlignment.misalignedTiers) {
      readable.absentMetrics.insert(Metric.tierAlignment.path)
      readable.warnings.insert("Account.\(mismatch); \(Metric.tierAlignment.path) is not configured")
    }
  }

  /// In an org with several currencies, amounts are converted to one. Where that is not possible, they are not
  /// compared.
  private func noteMoney(
    _ dataset: SalesforceDataset, _ description: ObjectDescription, _ readable: inout ReadableSchema
  ) {
    guard hasCurrencies, dataset == .accounts || dataset == .history else { return }
    let name = dataset == .accounts ? rules.account.arr : rules.history.arr
    guard let field = description.field(name) else { return }
    if field.type == "currency" {
      readable.converted.insert(field.name)
    } else if dataset == .history {
      readable.unavailableMetrics.insert(Metric.arrTrajectory.path)
      readable.warnings.insert(
        "the org has several currencies, and \(rules.history.object).\(field.name) is no currency field: \(Metric.arrTrajectory.path) is unavailable"
      )
    }
  }
}
