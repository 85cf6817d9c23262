import Formats
import HealthModel

extension WhatIf {
  private static let listedMoves = 20

  /// One line of JSON, with its line feed. It lists the 20 largest moves.
  ///
  /// - Throws: Where a sum is not finite.
  public func json() throws -> [UInt8] {
    let tiers = try JSONBody.encode(migration)
    var json = JSONWriter()
    json.object { json in
      json.field("period", period.description)
      json.key("figures")
      json.object { json in
        for (name, value) in figures.named { json.field(name, value) }
      }
      json.key("tiers")
      json.write(json: tiers)
      json.key("distribution")
      json.object { json in
        for (name, isAfter) in [("before", false), ("after", true)] {
          json.key(name)
          json.object { json in
            for standing in Standing.all where standing != .absent {
              json.field(standing.name, Double(count(standing, isAfter: isAfter)))
            }
          }
        }
      }
      json.key("moves")
      json.list { json in
        for move in moves.prefix(Self.listedMoves) { move.write(to: &json, withDays: false) }
      }
      json.key("near_renewal")
      json.list { json in
        for move in nearRenewal { move.write(to: &json, withDays: true) }
      }
    }
    json.endLine()
    return json.bytes
  }

  /// One line an account, as in RFC 4180.
  public var csv: [UInt8] {
    let header = [
      "account_id", "account_name", "score_before", "score_after", "tier_before", "tier_after", "change", "reason",
      "arr", "renewal_date",
    ]
    let rows = accounts.map { move in
      [
        CSV.defused(move.accountID), CSV.defused(move.accountName), move.scoreBefore.csv, move.scoreAfter.csv,
        move.standingBefore.name, move.standingAfter.name, move.change.csv, CSV.defused(move.reason), move.arr.csv,
        move.renewalDate?.description ?? "",
      ]
    }
    return ([header] + rows).flatMap { [UInt8](CSV.line($0, ending: "\r\n").utf8) }
  }
}

extension WhatIf.Move {
  fileprivate func write(to json: inout JSONWriter, withDays: Bool) {
    json.object { json in
      json.field("account_id", accountID)
      json.field("account_name", accountName)
      json.field("score_before", scoreBefore)
      json.field("score_after", scoreAfter)
      json.field("tier_before", standingBefore.name)
      json.field("tier_after", standingAfter.name)
      json.field("change", change)
      json.field("reason", reason)
      json.field("arr", arr)
      json.field("renewal_date", renewalDate?.description)
      if withDays { json.field("days", daysToRenewal.map { Double($0) }) }
    }
  }
}
