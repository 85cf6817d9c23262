import ConfigurationReading
import Formats
import HTTPClient

/// The access URL that a setup token was exchanged for: a place, and the user and password to read there.
public struct SimpleFINCredentials: Sendable, Equatable {
  public static let variable = "SIMPLEFIN_ACCESS_URL"

  /// Of the variables that are read here.
  public static let variablePrefix = "SIMPLEFIN_"

  /// Without user and password, and without a slash at its end.
  public var root: String
  public var user: Secret
  public var password: Secret

  /// - Parameter accessURL: `https://USER:PASSWORD@host/simplefin`, both percent-encoded; `http` for this machine only. Nil
  ///   is returned for everything else.
  public init?(accessURL: String) {
    guard let scheme = ["https://", "http://"].first(where: accessURL.hasPrefix),
      !accessURL.contains(where: { $0.isWhitespace || $0 == "?" || $0 == "#" })
    else { return nil }
    let rest = accessURL.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" }
    guard let at = authority.lastIndex(of: "@"),
      case let place = authority[authority.index(after: at)...], !place.isEmpty,
      let colon = authority[..<at].firstIndex(of: ":")
    else { return nil }
    let user = String(authority[..<colon])
    let password = String(authority[authority.index(after: colon)..<at])
    guard !user.isEmpty, !password.isEmpty, scheme == "https://" || Self.isThisMachine(place) else { return nil }
    var root = scheme + place + rest.dropFirst(authority.count)
    while root.hasSuffix("/") { root.removeLast() }
    self.root = root
    self.user = Secret(user.percentDecoded)
    self.password = Secret(password.percentDecoded)
  }

  /// `SIMPLEFIN_ACCESS_URL`; nil where it is not set, or not usable, which is noted.
  public init?(_ reader: inout VariableReader) {
    guard let text = reader.environment[Self.variable] else { return nil }
    guard let credentials = SimpleFINCredentials(accessURL: text) else {
      reader.problems.append(
        "\(Self.variable): expected https://USER:PASSWORD@host/path, which `healthscore simplefin claim` gets (http for this machine only)"
      )
      return nil
    }
    self = credentials
  }

  static func isThisMachine(_ place: Substring) -> Bool {
    ["127.0.0.1", "localhost", "[::1]"].contains { place == $0 || place.hasPrefix($0 + ":") }
  }
}
