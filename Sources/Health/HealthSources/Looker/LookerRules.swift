import Looker

/// How a field's number becomes the metric's.
public enum LookerUnit: String, CaseIterable, Sendable, Equatable {
  /// A share from 0 to 1, shown as a percentage.
  case fraction
  /// A share from 0 to 100.
  case percent
  /// As it is.
  case number

  var factor: Double { self == .fraction ? 100 : 1 }

  /// What a share can be; nil for what is none.
  var bounds: ClosedRange<Double>? {
    switch self {
    // Sums of shares end a little beyond 1.
    case .fraction: -1e-9...(1 + 1e-9)
    case .percent: -1e-7...(100 + 1e-7)
    case .number: nil
    }
  }
}

/// A field of a Look or view, by its full name (`view.field`).
public struct LookerField: Sendable, Equatable {
  public var name: String
  public var unit: LookerUnit

  public init(name: String, unit: LookerUnit) {
    self.name = name
    self.unit = unit
  }
}

/// A saved Look and its column of the customer id.
public struct LookerLook: Sendable, Equatable {
  public var lookID: String
  public var brand: String
  /// For the whole run of the Look, which can take minutes.
  public var timeout: Duration

  public init(lookID: String, brand: String, timeout: Duration) {
    self.lookID = lookID
    self.brand = brand
    self.timeout = timeout
  }
}

/// `sources.yaml`, `looker`: ids, field names, units and months compared.
public struct LookerRules: Sendable, Equatable {
  public struct Bookings: Sendable, Equatable {
    public var look: LookerLook
    public var total: LookerField
    public var messages: LookerField
    public var checkIn: LookerField
    public var walletKey: LookerField
    public var mobileKey: LookerField

    public init(
      look: LookerLook, total: LookerField, messages: LookerField, checkIn: LookerField, walletKey: LookerField,
      mobileKey: LookerField
    ) {
      self.look = look
      self.total = total
      self.messages = messages
      self.checkIn = checkIn
      self.walletKey = walletKey
      self.mobileKey = mobileKey
    }
  }

  public struct SingleField: Sendable, Equatable {
    public var look: LookerLook
    public var field: LookerField

    public init(look: LookerLook, field: LookerField) {
      self.look = look
      self.field = field
    }
  }

  /// A view of the adoption model: one row per brand and month.
  public struct View: Sendable, Equatable {
    public var name: String
    public var brand: String
    public var month: String
    public var fields: [LookerField]
    /// How many months earlier the trend compares with.
    public var monthsBack: Int

    public init(name: String, brand: String, month: String, fields: [LookerField], monthsBack: Int) {
      self.name = name
      self.brand = brand
      self.month = month
      self.fields = fields
      self.monthsBack = monthsBack
    }
  }

  public var client: LookerOptions
  public var bookings: Bookings
  public var sharedInbox: SingleField
  public var sentiment: SingleField
  public var automation: SingleField
  public var responseTarget: SingleField
  public var pageVisits: SingleField
  public var itinerary: SingleField
  public var model: String
  /// Its one field is the score.
  public var platformScore: View
  /// Its fields: feature breadth, page visits, arrivals.
  public var featureUsage: View
  public var queryTimeout: Duration
  /// The instance's, as in the IANA database; nil asks the instance.
  public var timeZone: String?

  public init(
    client: LookerOptions, bookings: Bookings, sharedInbox: SingleField, sentiment: SingleField,
    automation: SingleField,
    responseTarget: SingleField, pageVisits: SingleField, itinerary: SingleField, model: String, platformScore: View,
    featureUsage: View, queryTimeout: Duration, timeZone: String? = nil
  ) {
    self.client = client
    self.bookings = bookings
    self.sharedInbox = sharedInbox
    self.sentiment = sentiment
    self.automation = automation
    self.responseTarget = responseTarget
    self.pageVisits = pageVisits
    self.itinerary = itinerary
    self.model = model
    self.platformScore = platformScore
    self.featureUsage = featureUsage
    self.queryTimeout = queryTimeout
    self.timeZone = timeZone
  }
}
