import Formats

/// The meaning of the error for one record.
enum UpsertRefusal {
  private static let codes: Set<String> = [
    "UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG",
  ]

  /// Whether a retry may help. A trigger or roll-up may wrap the code of a lock in its own. DUPLICATE_VALUE on the key
  /// means that another call has just inserted the record; the retry then updates it.
  static func isWorthwhile(_ code: String, message: String, keyField: String) -> Bool {
    codes.contains(code) || (code == "DUPLICATE_VALUE" && message.contains(keyField))
      || (code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" && message.contains("UNABLE_TO_LOCK_ROW"))
  }

  /// The code and the fields that it names: those of the record, or of another object whose rule refuses the write.
  static func reason(_ code: String?, fields: [String], own: Set<String>, of upsert: SalesforceUpsert) -> String {
    let text = VendorCode(code)?.description ?? "no reason given"
    let ours = fields.filter { own.contains($0) }
    if !ours.isEmpty { return "\(text) (\(ours.joined(separator: ", ")))" }
    let others = fields.filter(isFieldName)
    if !others.isEmpty {
      return
        "\(text) (\(others.joined(separator: ", ")), a field of another object: most likely a rule of \(upsert.parent) refuses the change)"
    }
    guard ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"].contains(text) else {
      return text
    }
    return "\(text) (a validation rule, trigger or flow of \(upsert.object) or \(upsert.parent) refuses the change)"
  }

  /// Whether the text can be the API name of a custom field, so that it may be shown: at most 80 letters, digits and
  /// `_`, beginning with a letter and ending with `__c`.
  private static func isFieldName(_ text: String) -> Bool {
    guard (1...80).contains(text.utf8.count), text.utf8.first?.isASCIILetter ?? false else {
      return false
    }
    return text.hasSuffix("__c") && text.isASCIIAlphanumeric(or: "_")
  }
}
