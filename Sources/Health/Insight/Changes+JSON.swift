import Formats
import HealthModel

extension Changes {
  /// One line of JSON, with its line feed.
  ///
  /// - Parameter chosen: Ids of the accounts to list; nil for all. The book is always the whole one.
  /// - Throws: Where a sum is not finite.
  public func json(of chosen: Set<String>? = nil) throws -> [UInt8] {
    let book = try JSONBody.encode(book)
    var json = JSONWriter()
    json.object { json in
      json.field("from", from.description)
      json.field("to", to.description)
      json.key("accounts")
      json.list { json in
        for account in accounts where chosen?.contains(account.accountID) ?? true { account.write(to: &json) }
      }
      json.key("book")
      json.write(json: book)
    }
    json.endLine()
    return json.bytes
  }

  /// Every account's points by stage, as in RFC 4180.
  public func csv(of chosen: Set<String>? = nil) -> [UInt8] {
    let stages = AccountChange.Stage.allCases
    var lines = [
      ["account_id", "account_name", "score_from", "score_to", "tier_from", "tier_to", "change"]
        + stages.map(\.rawValue)
    ]
    for account in accounts where chosen?.contains(account.accountID) ?? true {
      lines.append(
        [
          CSV.defused(account.accountID), CSV.defused(account.accountName), account.from.score.csv,
          account.to.score.csv, account.from.standing.name, account.to.standing.name, account.change.csv,
        ] + stages.map { account.change == nil ? "" : Optional(account.points($0)).csv })
    }
    return lines.flatMap { [UInt8](CSV.line($0, ending: "\r\n").utf8) }
  }
}

extension AccountChange {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("account_id", accountID)
      json.field("account_name", accountName)
      json.field("score_from", from.score)
      json.field("score_to", to.score)
      json.field("tier_from", from.standing.name)
      json.field("tier_to", to.standing.name)
      json.field("change", change)
      json.field("cause", cause)
      json.key("parts")
      json.list { json in
        for part in parts { part.write(to: &json) }
      }
    }
  }
}

extension AccountChange.Part {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("stage", stage.rawValue)
      json.field("source", source)
      json.field("points", points)
      json.field("quantitative", quantitative)
      json.key("metrics")
      json.list { json in
        for change in metrics {
          json.object { json in
            json.field("metric", change.metric.path)
            json.field("from", change.from.value)
            json.field("to", change.to.value)
            json.field("missing_from", change.from.missingReason?.rawValue)
            json.field("missing_to", change.to.missingReason?.rawValue)
            json.field("points", change.points)
          }
        }
      }
    }
  }
}

extension Double? {
  /// The shortest text that reads back as the same number; empty for nil.
  var csv: String {
    guard let self else { return "" }
    let text = "\(self)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
