/// Why two rows may be the same, in words.
struct Evidence: Sendable {
  let book: Book

  init(_ book: Book) { self.book = book }

  func text(_ pair: ComparedPair) -> String {
    let (a, b) = (book.left.rows[Int(pair.left)], book.right.rows[Int(pair.right)])
    var parts: [String] = []
    if pair.levels.key == .equal {
      let names = a.keys.keys.filter { a.keys[$0] == b.keys[$0] }.sorted()
      parts.append("same " + names.joined(separator: ", "))
    } else if pair.levels.key == .different {
      parts.append("another key")
    }
    let domain = a.domains.first { b.domains.contains($0) }?.text ?? ""
    switch pair.levels.domain {
    case .equal: parts.append("same domain \(domain)")
    case .shared: parts.append("domain \(domain), which others have too")
    case .sameLabel: parts.append("domains alike")
    case .different: parts.append("another domain")
    case .missing: break
    }
    switch pair.levels.phone {
    case .equal: parts.append("same phone")
    case .shared: parts.append("same phone, which others have too")
    case .near: parts.append("phone but for the last digits")
    case .different: parts.append("another phone")
    case .missing: break
    }
    switch pair.levels.address {
    case .equal: parts.append("same address")
    case .sameStreet: parts.append("same street and number")
    case .shared: parts.append("same address, which others have too")
    case .otherNumber: parts.append("same street, another number")
    case .samePlace: parts.append("same postcode")
    case .samePostcode: parts.append("same postcode, another street")
    case .sameCity: parts.append("same city, another street")
    case .different: parts.append("another address")
    case .missing: break
    }
    if let name = name(pair, a, b) { parts.append(name) }
    return parts.joined(separator: "; ")
  }

  private func name(_ pair: ComparedPair, _ a: Profile, _ b: Profile) -> String? {
    let score = Self.hundredths(pair.name)
    switch pair.levels.name {
    case .missing: return nil
    case .equal:
      return a.form.formAgreement(with: b.form) == .oneMissing ? "same name (one without legal form)" : "same name"
    case .otherForm: return "name \(score) (suffix differs)"
    case .acronym: return "name \(score) (initials)"
    case .numbersDiffer: return "name \(score) (another number)"
    case .numberMissing: return "name \(score) (one with a number)"
    case .different: return "another name"
    default:
      return a.form.formAgreement(with: b.form) == .different ? "name \(score) (suffix differs)" : "name \(score)"
    }
  }

  private static func hundredths(_ score: Float) -> String {
    let number = Int((min(score, 0.99) * 100).rounded())
    return "0.\(number < 10 ? "0" : "")\(number)"
  }
}
