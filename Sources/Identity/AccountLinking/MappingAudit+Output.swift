import Formats

extension MappingAudit {
  public static let fileName = "mapping_audit.csv"

  /// A line for each identifier.
  public var csv: [UInt8] {
    let lines = systems.flatMap { system in
      system.identifiers.map { identifier in
        CSV.line(
          [
            system.name, identifier.field, "\(identifier.filledPercent)", "\(identifier.uniquePercent)",
            identifier.looksLike ?? "",
          ].map(CSV.defused))
      }
    }
    return Array((CSV.line(["system", "field", "filled_pct", "unique_pct", "looks_like"]) + lines.joined()).utf8)
  }

  /// One line of JSON, with its line feed.
  public var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("systems")
      json.object { json in
        for system in systems {
          json.key(system.name)
          json.object { json in
            json.field("accounts", Double(system.accounts))
            json.field("mapped", Double(system.mapped))
            json.key("identifiers")
            json.list { json in
              for identifier in system.identifiers {
                json.object { json in
                  json.field("field", identifier.field)
                  json.field("filled_pct", identifier.filledPercent)
                  json.field("unique_pct", identifier.uniquePercent)
                  json.field("looks_like", identifier.looksLike)
                }
              }
            }
          }
        }
      }
      json.key("unmapped")
      json.object { json in
        json.field("accounts", Double(unmappedAccounts))
        json.field("arr", unmappedARR)
      }
      json.key("strategies")
      json.list { json in
        for strategy in strategies {
          json.object { json in
            json.field("name", strategy.name)
            json.key("supported")
            json.write(strategy.isSupported)
            json.field("why", strategy.why)
          }
        }
      }
    }
    json.endLine()
    return json.bytes
  }
}
