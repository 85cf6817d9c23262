/// The part of a web address or e-mail address that one organisation registered: `shop.example.co.uk` → `example.co.uk`.
struct WebDomain: Sendable, Hashable {
  /// In lower case, without `www`.
  let text: String

  /// Nil where the text names no host, or one that many organisations share.
  init?(_ address: String) {
    guard let host = WebDomain.host(of: address), let domain = WebDomain.registered(host) else { return nil }
    guard !WebDomains.shared.contains(domain), !WebDomains.shared.contains(host) else { return nil }
    text = domain
  }

  /// What stands before the suffix: `example`.
  var label: Substring { text.prefix { $0 != "." } }

  private static func host(of address: String) -> String? {
    var text = Substring(FoldedText.fold(address))
    text = text.drop { $0.isWhitespace }
    if let scheme = text.firstRange(of: "://") { text = text[scheme.upperBound...] }
    text = text.prefix { !"/?#,; \t\n".contains($0) }
    if let at = text.lastIndex(of: "@") { text = text[text.index(after: at)...] }
    text = text.prefix { $0 != ":" }
    while text.hasSuffix(".") { text = text.dropLast() }
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty && $0.count <= 63 }),
      text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "_" }),
      // An address of digits only is an IP address.
      labels.last?.contains(where: \.isLetter) ?? false
    else { return nil }
    return String(text)
  }

  private static func registered(_ host: String) -> String? {
    let labels = host.split(separator: ".")
    let two = labels.suffix(2).joined(separator: ".")
    guard WebDomains.publicSuffixes.contains(two) else { return two }
    return labels.count >= 3 ? labels.suffix(3).joined(separator: ".") : nil
  }
}
