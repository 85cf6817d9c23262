import ConfigurationReading
import Looker

extension LookerRules {
  init(section: ConfigurationSection) {
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
    func view(_ field: ConfigurationField, fields: [String], hasTrend: Bool = true) -> View {
      field.section { view in
        View(
          name: view.required("view").identifier(), brand: view.required("brand").identifier(),
          month: view.required("month").identifier(),
          fields: fields.map { view.required($0).section(LookerField.init) },
          monthsBack: hasTrend ? view.required("trend_months").wholeNumber(in: 1...24) : 0)
      }
    }
    self.init(
      client: LookerOptions(section: section), bookings: bookings, sharedInbox: single("shared_inbox"),
      sentiment: single("sentiment"),
      automation: single("automation"), responseTarget: single("response_target"), pageVisits: single("page_visits"),
      itinerary: single("itinerary"), model: adoption.required("model").identifier(),
      platformScore: view(adoption.required("platform_score"), fields: ["score"]),
      featureUsage: view(
        adoption.required("feature_usage"), fields: ["feature_breadth", "page_visits", "arrivals"]),
      licenceUsage: adoption.optional("license_usage").map {
        view($0, fields: ["active_users", "licensed_users"], hasTrend: false)
      },
      queryTimeout: timeout, timeZone: section.optional("time_zone")?.text())
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
  init(section: ConfigurationSection, timeout: Duration) {
    self.init(
      lookID: section.required("look").identifier(), brand: section.required("brand").identifier(),
      brandName: section.optional("brand_name")?.identifier(),
      timeout: section.optional("timeout_seconds")?.seconds(in: 1...900) ?? timeout)
  }
}

extension LookerField {
  init(_ section: ConfigurationSection) {
    self.init(name: section.required("field").identifier(), unit: section.required("unit").choice(LookerUnit.self))
  }
}
