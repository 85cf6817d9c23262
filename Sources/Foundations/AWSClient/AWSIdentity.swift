import HTTPClient

/// Where a caller's credentials come from.
///
/// Resolved in the order of AWS's SDKs: environment variables, the profile, the container's service. The first one that
/// is set is used, or refused with a reason. It is never skipped in favour of another one.
public indirect enum AWSIdentity: Sendable, Equatable {
  case keys(AWSCredentials)
  /// A role that the identity `source` assumes through STS.
  case role(arn: String, sessionName: String, externalID: String?, source: AWSIdentity)
  /// A program that prints credentials (`credential_process`).
  case process(Secret)
  /// The container's credential service. `authorization` is the value of the header of that name; nil sends none.
  case container(url: String, authorization: Secret?)
}

/// An identity is configured but can't be used.
public struct AWSIdentityError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

extension AWSIdentity {
  /// The configured identity; nil where none is configured.
  ///
  /// - Parameters:
  ///   - variable: A variable's value; nil where it is not set or empty.
  ///   - files: The shared files.
  /// - Throws: ``AWSIdentityError``.
  static func find(variable: (String) -> String?, files: AWSProfiles) throws -> AWSIdentity? {
    if let keys = try keys(variable: variable) { return .keys(keys) }
    if variable("AWS_WEB_IDENTITY_TOKEN_FILE") != nil {
      throw unsupported("AWS_WEB_IDENTITY_TOKEN_FILE", "a web identity")
    }
    if let named = variable("AWS_PROFILE") {
      guard files.has(named) else {
        throw AWSIdentityError(
          "AWS_PROFILE: there is no profile \(shown(named)) in \(files.places); correct the name, or unset AWS_PROFILE")
      }
      guard let identity = try profile(named, files, variable: variable, chain: []) else {
        throw AWSIdentityError(
          "AWS_PROFILE: the profile \(shown(named)) has no credentials: neither keys nor a role, nor a credential_process"
        )
      }
      return identity
    }
    if let identity = try profile("default", files, variable: variable, chain: []) { return identity }
    return try container(variable: variable)
  }

  private static func shown(_ name: String) -> String { "'\(name.prefix(64).filter { !$0.isNewline })'" }

  private static func unsupported(_ place: String, _ what: String) -> AWSIdentityError {
    AWSIdentityError(
      "\(place): \(what) is not supported here; get keys from it with: eval \"$(aws configure export-credentials --format env)\""
    )
  }

  private static func keys(variable: (String) -> String?) throws -> AWSCredentials? {
    switch (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
    case (nil, nil): return nil
    case (let id?, let secret?):
      return AWSCredentials(
        accessKeyID: id, secretAccessKey: Secret(secret),
        sessionToken: variable("AWS_SESSION_TOKEN").map { Secret($0) })
    case (_?, nil):
      throw AWSIdentityError(
        "AWS_SECRET_ACCESS_KEY: is not set or empty, though AWS_ACCESS_KEY_ID is set; set both or neither")
    case (nil, _?):
      throw AWSIdentityError(
        "AWS_ACCESS_KEY_ID: is not set or empty, though AWS_SECRET_ACCESS_KEY is set; set both or neither")
    }
  }

  /// - Parameter chain: The profiles whose `source_profile` led to this one.
  private static func profile(
    _ name: String, _ files: AWSProfiles, variable: (String) -> String?, chain: [String]
  ) throws -> AWSIdentity? {
    let place = "the profile \(shown(name))"
    let (config, credentials) = (files.config[name] ?? [:], files.credentials[name] ?? [:])
    func setting(_ key: String) -> String? { credentials[key] ?? config[key] }
    if let arn = setting("role_arn"), chain.last != name {
      if setting("mfa_serial") != nil { throw unsupported(place, "a role that asks for a second factor (mfa_serial)") }
      if setting("web_identity_token_file") != nil { throw unsupported(place, "a web identity") }
      let source: AWSIdentity
      if let other = setting("source_profile") {
        guard !chain.contains(other) else {
          throw AWSIdentityError("\(place): its source_profile leads back to itself")
        }
        guard files.has(other) else {
          throw AWSIdentityError("\(place): its source_profile \(shown(other)) is not in \(files.places)")
        }
        guard let identity = try profile(other, files, variable: variable, chain: chain + [name]) else {
          throw AWSIdentityError("\(place): its source_profile \(shown(other)) has no credentials")
        }
        source = identity
      } else {
        switch setting("credential_source") {
        case "Environment":
          guard let keys = try keys(variable: variable) else {
            throw AWSIdentityError("\(place): credential_source is Environment, and AWS_ACCESS_KEY_ID is not set")
          }
          source = .keys(keys)
        case "EcsContainer":
          guard let identity = try container(variable: variable) else {
            throw AWSIdentityError("\(place): credential_source is EcsContainer, and this is no container of ECS")
          }
          source = identity
        case let other?: throw unsupported(place, "credential_source \(shown(other))")
        case nil: throw AWSIdentityError("\(place): role_arn needs a source_profile or a credential_source")
        }
      }
      return .role(
        arn: arn, sessionName: setting("role_session_name") ?? "health-score", externalID: setting("external_id"),
        source: source)
    }
    // Both keys of a profile must come from the same file.
    for (section, file) in [(credentials, files.credentialsPath), (config, files.configPath)] {
      switch (section["aws_access_key_id"], section["aws_secret_access_key"]) {
      case (nil, nil): continue
      case (let id?, let secret?):
        return .keys(
          AWSCredentials(
            accessKeyID: id, secretAccessKey: Secret(secret),
            sessionToken: section["aws_session_token"].map { Secret($0) }))
      default:
        throw AWSIdentityError(
          "\(place) in \(file) has one of aws_access_key_id and aws_secret_access_key; it needs both")
      }
    }
    if let command = setting("credential_process") { return .process(Secret(command)) }
    for (key, what) in [
      ("web_identity_token_file", "a web identity"), ("sso_session", "a sign-in by SSO"),
      ("sso_start_url", "a sign-in by SSO"),
      ("login_session", "a sign-in by console"),
    ] where setting(key) != nil { throw unsupported(place, what) }
    return nil
  }

  private static func container(variable: (String) -> String?) throws -> AWSIdentity? {
    let url: String
    if let path = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
      url = "http://169.254.170.2" + path
    } else if let full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
      // A token is sent there, so only this machine's own services or TLS are allowed.
      let host = full.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" && $0 != ":" }
      let isOwn = ["127.0.0.1", "localhost", "169.254.170.2", "169.254.170.23"].contains(String(host))
      guard full.hasPrefix("https://") || (full.hasPrefix("http://") && isOwn) else {
        throw AWSIdentityError(
          "AWS_CONTAINER_CREDENTIALS_FULL_URI: expected https://, or http:// on the loopback or link-local interface")
      }
      url = full
    } else {
      return nil
    }
    let token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if token == nil, variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") != nil {
      throw unsupported("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "a token in a file")
    }
    return .container(url: url, authorization: token.map { Secret($0) })
  }
}

/// The shared `credentials` and `config` files, by profile.
struct AWSProfiles: Sendable {
  let credentialsPath: String
  let configPath: String
  let credentials: [String: [String: String]]
  let config: [String: [String: String]]

  /// - Parameter readFile: A file's text; nil where it can't be read.
  init(variable: (String) -> String?, readFile: (String) -> String?) {
    let home = (variable("HOME") ?? "") + "/.aws/"
    credentialsPath = variable("AWS_SHARED_CREDENTIALS_FILE") ?? home + "credentials"
    configPath = variable("AWS_CONFIG_FILE") ?? home + "config"
    credentials = AWSProfileFile.sections(of: readFile(credentialsPath) ?? "")
    let sections = AWSProfileFile.sections(of: readFile(configPath) ?? "")
    var config: [String: [String: String]] = [:]
    for (name, settings) in sections {
      // A section name begins with "profile "; for the default profile that is optional.
      if name == "default" { config[name, default: [:]].merge(settings) { first, _ in first } }
      guard name.hasPrefix("profile ") else { continue }
      config[AWSProfileFile.unquoted(name.dropFirst(8)), default: [:]].merge(settings) { first, _ in first }
    }
    self.config = config
  }

  var places: String { "\(credentialsPath) and \(configPath)" }

  func has(_ profile: String) -> Bool { credentials[profile] != nil || config[profile] != nil }
}

/// The INI dialect of `~/.aws`.
enum AWSProfileFile {
  /// Section → its settings. Nested settings are skipped.
  static func sections(of text: String) -> [String: [String: String]] {
    var sections: [String: [String: String]] = [:]
    var current: String?
    // Skip the byte-order mark that editors on Windows add.
    let lines = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    for line in lines.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("[") {
        let name = unquoted(line.dropFirst().prefix { $0 != "]" })
        current = name
        if sections[name] == nil { sections[name] = [:] }
      } else if let current, let first = line.first, !first.isWhitespace, !"#;".contains(first),
        let equals = line.firstIndex(of: "=")
      {
        let value = words(line[equals...].dropFirst())
        if !value.isEmpty { sections[current]?[words(line[..<equals]).lowercased()] = value }
      }
    }
    return sections
  }

  /// A name without quotes around it: `"my team"` becomes `my team`.
  static func unquoted(_ text: Substring) -> String {
    let name = words(text)
    for quote in ["\"", "'"] where name.utf8.count >= 2 && name.hasPrefix(quote) && name.hasSuffix(quote) {
      return String(name.dropFirst().dropLast())
    }
    return name
  }

  /// Without white space at the ends, and with single spaces inside.
  private static func words(_ text: Substring) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
