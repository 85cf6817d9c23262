import Looker

/// `unit`: how a field's number becomes the metric's value.
public enum LookerUnit: String, CaseIterable, Sendable, Equatable {
  /// A share from 0 to 1. The metric is this number times 100.
  case fraction
  /// A share from 0 to 100.
  case percent
  /// Any number. The metric is this number.
  case number

  var factor: Double { self == .fraction ? 100 : 1 }

  /// The range of a share, with both ends and a small tolerance; nil for ``number``.
  var bounds: ClosedRange<Double>? {
    switch self {
    // Rounding can put a sum of shares a little outside of its range.
    case .fraction: -1e-9...(1 + 1e-9)
    case .percent: -1e-7...(100 + 1e-7)
    case .number: nil
    }
  }
}

/// A field of a Look or view, and its unit.
public struct LookerField: Sendable, Equatable {
  /// Full name (`view.field`), such as `booking_summary.m_total_bookings`.
  public var name: String
  /// Fits what the field holds: `sources.yaml` says whether a share is 0 to 1 or 0 to 100.
  public var unit: LookerUnit

  public init(name: String, unit: LookerUnit) {
    self.name = name
    self.unit = unit
  }
}

/// A saved Look, in `looks` of `sources.yaml`.
public struct LookerLook: Sendable, Equatable {
  /// Id of the Look on the instance, such as 171.
  public var lookID: String
  /// Full name of the field that holds the customer's id.
  public var brand: String
  /// `brand_name`: full name of the field that holds the customer's name; nil where the Look has none.
  public var brandName: String?
  /// Limit for one run of the Look, which can take minutes. ``LookerOptions/queryTimeout`` by default.
  public var timeout: Duration

  public init(lookID: String, brand: String, brandName: String? = nil, timeout: Duration) {
    self.lookID = lookID
    self.brand = brand
    self.brandName = brandName
    self.timeout = timeout
  }
}

/// The section `looker` of `sources.yaml`: Looks, views, fields and units.
public struct LookerRules: Sendable, Equatable {
  /// A Look that has all numbers about bookings.
  public struct Bookings: Sendable, Equatable {
    public var look: LookerLook
    /// `total_bookings`: number of bookings. Page and itinerary visits are divided by it.
    public var total: LookerField
    /// `with_messages`: share of bookings with messages.
    public var messages: LookerField
    /// `with_checkin`: share of bookings with online check-in.
    public var checkIn: LookerField
    /// `with_wallet_key`: share of bookings with a wallet key.
    public var walletKey: LookerField
    /// `with_mobile_key`: share of bookings with a mobile key. Added to ``walletKey``, it is the share with a digital
    /// key.
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

  /// A Look of which one field is read.
  public struct SingleField: Sendable, Equatable {
    public var look: LookerLook
    /// `value` of the Look.
    public var field: LookerField

    public init(look: LookerLook, field: LookerField) {
      self.look = look
      self.field = field
    }
  }

  /// A view of the adoption model: one row per brand and month.
  public struct View: Sendable, Equatable {
    /// Name of the view, which is also the explore that is queried.
    public var name: String
    /// Full name of the field that holds the customer's id.
    public var brand: String
    /// Full name of the field that holds the month, as `2026-10` or a day of it.
    public var month: String
    /// In the order that ``LookerRules/platformScore``, ``LookerRules/featureUsage`` or ``LookerRules/licenceUsage`` describes.
    public var fields: [LookerField]
    /// `trend_months`: how many months before the scored one the trend's earlier value is. 0 without a trend.
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
  /// `looks.bookings`; feeds messages, check-in and digital key of the platform value.
  public var bookings: Bookings
  /// `looks.shared_inbox`: share of messages through the shared inbox.
  public var sharedInbox: SingleField
  /// `looks.sentiment`: share of conversations with positive sentiment.
  public var sentiment: SingleField
  /// `looks.automation`: any value means that the brand has an automated message flow.
  public var automation: SingleField
  /// `looks.response_target`: share of messages answered within the target.
  public var responseTarget: SingleField
  /// `looks.page_visits`: number of page visits, divided by the bookings.
  public var pageVisits: SingleField
  /// `looks.itinerary`: number of itinerary visits, divided by the bookings.
  public var itinerary: SingleField
  /// `adoption.model`: the LookML model of both views.
  public var model: String
  /// `adoption.platform_score`. Its only field is the score.
  public var platformScore: View
  /// `adoption.feature_usage`. Its fields are, in this order, feature breadth, page visits and arrivals.
  public var featureUsage: View
  /// `adoption.license_usage`. Its fields are, in this order, active users and licensed users. If nil, the metric is not
  /// configured.
  public var licenceUsage: View?
  /// `timeout_seconds`: limit for one query on a view.
  public var queryTimeout: Duration
  /// `time_zone`: the instance's time zone, as in the IANA database. If nil, the instance is asked.
  public var timeZone: String?

  /// All seven Looks.
  public var looks: [LookerLook] {
    [bookings.look] + [sharedInbox, sentiment, automation, responseTarget, pageVisits, itinerary].map(\.look)
  }

  public init(
    client: LookerOptions, bookings: Bookings, sharedInbox: SingleField, sentiment: SingleField,
    automation: SingleField,
    responseTarget: SingleField, pageVisits: SingleField, itinerary: SingleField, model: String, platformScore: View,
    featureUsage: View, licenceUsage: View? = nil, queryTimeout: Duration, timeZone: String? = nil
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
    self.licenceUsage = licenceUsage
    self.queryTimeout = queryTimeout
    self.timeZone = timeZone
  }
}
