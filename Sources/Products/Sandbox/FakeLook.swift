import Formats
import Time

/// The data of the sandbox's Looks and views.
enum FakeLook {
  static let ids = ["171", "172", "173", "174", "175", "176", "177"]

  /// Brands that Looker knows: a brand-new customer has no data yet.
  private static func brands(_ world: SandboxWorld) -> [SandboxAccount] {
    world.accounts.filter { ![.justSigned, .unknownBrand].contains($0.peculiarity) }
  }

  /// A Look's rows, before a limit or a format is applied.
  static func rows(_ id: String, _ world: SandboxWorld) -> [[String: OrgValue]] {
    let rows = brands(world).compactMap { row(of: $0, look: id, world) }
    guard id == "171" else { return rows }
    return rows
      + world.unmapped.organisations.compactMap(\.brand).map { brand in
        ["booking_summary.brand_id": .text(brand.id), "booking_summary.brand_name": .text(brand.name)]
      }
  }

  /// The most rows that a Look gives for any requested limit; nil if it gives all.
  static func cap(_ id: String, _ world: SandboxWorld) -> Int? {
    world.has(.lookerCapped) && ["172", "174"].contains(id) ? world.accounts.count / 2 : nil
  }

  static func row(of account: SandboxAccount, look id: String, _ world: SandboxWorld) -> [String: OrgValue]? {
    var random = SandboxRandom(world.seed, "look", id, "\(account.index)")
    let quality = account.quality
    func share(_ best: Double) -> Double {
      (best * (0.15 + quality) * random.number(0.7...1.15) * 10_000).rounded() / 10_000
    }
    let bookings = account.segment == .paid ? 2400.0 : 600.0
    switch id {
    case "171":
      return [
        "booking_summary.brand_id": .text(account.brandID), "booking_summary.brand_name": .text(account.name),
        "booking_summary.m_total_bookings": .number(bookings),
        "booking_summary.m_perc_of_bookings_with_messages": .number(share(0.09)),
        "booking_summary.m_perc_of_bookings_with_checkin": .number(share(0.13)),
        "booking_summary.m_perc_of_bookings_with_aw": .number(share(0.05)),
        "booking_summary.m_perc_of_bookings_with_mk": account.index % 9 == 4 ? .null : .number(share(0.05)),
      ]
    case "172":
      return [
        "allin_usage.brand_id": .text(account.brandID),
        "allin_usage.percent_of_messages_with_allin": .number(share(0.6)),
      ]
    case "173":
      return [
        "conversation_sentiment.brand_id": .text(account.brandID),
        "conversation_sentiment.percent_positive_conversations": .number(share(0.55)),
      ]
    case "174":
      guard quality > 0.35 else { return nil }
      return ["flow_sends.brand_id": .text(account.brandID), "flow_sends.delivery_method": .text("whatsapp")]
    case "175":
      return [
        "conversation_items_union_new.brand_id": .text(account.brandID),
        "conversation_items_union_new.percent_messages_within_target": .number(share(0.5)),
      ]
    case "176":
      // The brand ids of this Look are numbers: the API gives the type of the column.
      return [
        "rudder_active_users.brand_id": .number(Double(account.brandID) ?? 0),
        "rudder_active_users.dynamic_ranking_metric": .number((bookings * (0.3 + quality * 6)).rounded()),
      ]
    case "177":
      return [
        "recommends_main.brand_id": .text(account.brandID),
        "recommends_main.logged_in_users_digi_it_m": .number((bookings * share(0.055)).rounded()),
      ]
    default: return nil
    }
  }

  /// A month's rows of all adoption views.
  static func usage(_ month: Period, _ world: SandboxWorld) -> [[String: OrgValue]] {
    brands(world).map { account in
      let score = platformScore(account, month, world)
      let quality = usageQuality(account, month, "feature_usage", world)
      let arrivals = account.segment == .paid ? 2000.0 : 500.0
      return [
        "platform_score.brand_id": .text(account.brandID), "platform_score.month": .text("\(month)"),
        "platform_score.score": .number(score), "feature_usage.brand_id": .text(account.brandID),
        "feature_usage.month": .text("\(month)"),
        "feature_usage.feature_breadth": .number((quality * 750).rounded() / 1000),
        "feature_usage.page_visits": .number((arrivals * (0.6 + quality * 5)).rounded()),
        "feature_usage.arrivals": .number(arrivals), "license_usage.brand_id": .text(account.brandID),
        "license_usage.month": .text("\(month)"), "license_usage.licensed_users": .number(40),
        "license_usage.active_users": .number((quality * 40).rounded()),
      ]
    }
  }

  private static func platformScore(_ account: SandboxAccount, _ month: Period, _ world: SandboxWorld) -> Double {
    (usageQuality(account, month, "platform_score", world) * 850).rounded() / 10
  }

  private static func usageQuality(
    _ account: SandboxAccount, _ month: Period, _ view: String, _ world: SandboxWorld
  ) -> Double {
    var random = SandboxRandom(world.seed, view, "\(account.index)")
    // Over three months usage slowly rises for good accounts and falls for bad ones. Then it starts again.
    let drift = (account.quality - 0.5) * 0.05 * Double((month.year * 12 + month.month) % 3)
    return min(1, max(0.02, account.quality + drift + random.number(-0.05...0.05)))
  }

  /// Writes a cell as this world's Looker does.
  static func write(
    _ value: OrgValue, field: String, look: String, to json: inout JSONWriter, _ world: SandboxWorld
  ) {
    let isBrand = field.hasSuffix("brand_id")
    if world.has(.lookerPivoted), ["172", "174"].contains(look), !isBrand {
      return json.object { json in
        json.key("2026-10")
        value.write(to: &json)
      }
    }
    switch value {
    case .number(let number) where world.has(.lookerFormatted) && !isBrand && ["171", "173"].contains(look):
      let isShare = field.contains("perc")
      json.write(isShare ? "\((number * 1000).rounded() / 10)%" : grouped(number))
    case .number(let number) where world.has(.lookerPercent) && look == "175": json.write(number * 100)
    case .text(let text) where world.has(.lookerMonths) && field == "platform_score.month":
      json.write(Period(text).map { "\(names[$0.month - 1]) \($0.year)" })
    default: value.write(to: &json)
    }
  }

  private static let names = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// `2,400`.
  private static func grouped(_ number: Double) -> String {
    let digits = "\(Int(number))"
    return digits.count > 3 ? "\(digits.dropLast(3)),\(digits.suffix(3))" : digits
  }
}
