import Time

/// A condition on a property; several of a search hold together.
public struct HubSpotFilter: Encodable, Sendable, Equatable {
  let propertyName: String
  let `operator`: String
  let value: String?

  private init(_ name: String, _ sign: String, _ value: String?) {
    (propertyName, `operator`, self.value) = (name, sign, value)
  }

  public static func equal(_ name: String, _ value: String) -> HubSpotFilter { .init(name, "EQ", value) }

  static func after(id: String) -> HubSpotFilter { .init("hs_object_id", "GT", id) }

  /// From an instant on, and before another one. HubSpot takes milliseconds since 1970.
  public static func within(_ name: String, from start: Timestamp, to end: Timestamp) -> [HubSpotFilter] {
    [.init(name, "GTE", "\(start.milliseconds)"), .init(name, "LT", "\(end.milliseconds)")]
  }
}
