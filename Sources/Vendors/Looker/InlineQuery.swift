/// A query run without being saved first.
public struct InlineQuery: Encodable, Sendable {
  public let model: String
  /// The explore's name.
  public let view: String
  public let fields: [String]
  public let filters: [String: String]
  /// The most rows; -1 for all. This API takes it as a string, unlike the parameter for running a Look.
  public let limit: String

  /// - Parameter limit: Rows asked for; -1 for all.
  public init(model: String, view: String, fields: [String], filters: [String: String], limit: Int) {
    self.model = model
    self.view = view
    self.fields = fields
    self.filters = filters
    self.limit = "\(limit)"
  }
}
