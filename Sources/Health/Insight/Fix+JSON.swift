import Formats
import HealthModel

extension SmallestFix {
  /// One line of JSON, with its line feed.
  ///
  /// - Parameter score: The score that the fix was found for.
  public func line(accountID: String, _ score: HealthScore) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.field("account_id", accountID)
      json.field("health_score", score.health)
      json.field("tier", score.tier?.rawValue)
      writeMembers(to: &json)
    }
    json.endLine()
    return json.bytes
  }

  /// The members from `target` on.
  private func writeMembers(to json: inout JSONWriter) {
    json.field("target", target?.rawValue)
    json.field("status", status.rawValue)
    json.key("cap")
    if let cap { cap.write(to: &json) } else { json.null() }
    json.key("changes")
    json.list { json in
      for change in changes {
        json.object { json in
          json.field("metric", change.metric.path)
          json.field("from", change.from)
          json.field("to", change.to)
          json.field("unit", change.metric.unit.rawValue)
        }
      }
    }
  }
}

extension SmallestFix.Cap {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.field("rule", rule)
      json.field("cap", limit)
      json.field("until", until?.description)
      json.key("signals")
      json.list { json in
        for (signal, lapses) in signals {
          json.object { json in
            json.field("severity", signal.severity.name)
            json.field("observed", signal.observed?.description)
            json.field("lapses", lapses?.description)
          }
        }
      }
    }
  }
}

extension [SignalEntry] {
  /// A list of JSON in one line, with its line feed.
  public var json: [UInt8] {
    var json = JSONWriter()
    json.list { json in
      for entry in self {
        json.object { json in
          json.field("account_id", entry.accountID)
          json.field("account_name", entry.accountName)
          json.field("severity", entry.signal.severity.name)
          json.field("confidence", entry.signal.confidence)
          json.field("status", entry.signal.status)
          json.field("observed", entry.signal.observed?.description)
          json.field("counts_as", entry.countsAs?.name)
          json.field("lapses", entry.lapses?.description)
          json.field("cost", entry.cost)
          json.field("score_when_lapsed", entry.scoreWhenLapsed)
        }
      }
    }
    json.endLine()
    return json.bytes
  }

  /// As in RFC 4180.
  public var csv: [UInt8] {
    let header = [
      "account_id", "account_name", "severity", "confidence", "status", "observed", "counts_as", "lapses", "cost",
      "score_when_lapsed",
    ]
    let rows = map { entry in
      [
        CSV.defused(entry.accountID), CSV.defused(entry.accountName), entry.signal.severity.name,
        CSV.defused(entry.signal.confidence ?? ""), CSV.defused(entry.signal.status ?? ""),
        entry.signal.observed?.description ?? "", entry.countsAs?.name ?? "", entry.lapses?.description ?? "",
        entry.cost.csv, entry.scoreWhenLapsed.csv,
      ]
    }
    return ([header] + rows).flatMap { [UInt8](CSV.line($0, ending: "\r\n").utf8) }
  }
}
