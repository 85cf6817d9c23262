/// Compares two prepared rows.
struct Comparison: Sendable {
  let names: NameSimilarity

  /// The levels, and the names' similarity (0 to 1).
  func levels(_ a: Profile, _ b: Profile) -> (levels: Levels, name: Float) {
    let (name, score) = name(a, b)
    return (
      Levels(name: name, domain: domain(a, b), phone: phone(a, b), address: address(a, b), key: key(a, b)), score
    )
  }

  private func name(_ a: Profile, _ b: Profile) -> (NameLevel, Float) {
    guard let first = a.names.first, let second = b.names.first else { return (.missing, 0) }
    if first.joined == second.joined {
      return a.form.formAgreement(with: b.form) == .different ? (.otherForm, 1) : (.equal, 1)
    }
    var (best, isRare) = names.score(first, second)
    var isAcronym = names.isAcronym(first, second)
    if a.names.count > 1 || b.names.count > 1 {
      for (i, x) in a.names.enumerated() {
        // One of the two is the whole name: `X (AB)` and `Y (AB)` are not the same.
        for (j, y) in b.names.enumerated() where i + j > 0 && (i == 0 || j == 0) {
          let (score, rare) = names.score(x, y)
          // A part of the name is never worth as much as the whole one.
          best = max(best, min(0.97, score))
          isRare = isRare || rare
          isAcronym = isAcronym || names.isAcronym(x, y)
        }
      }
    }
    if first.numbers != second.numbers, best >= 0.4 {
      // One side may leave its number out; two different ones contradict.
      if !first.numbers.isEmpty, !second.numbers.isEmpty { return (.numbersDiffer, best) }
      return (.numberMissing, best)
    }
    let level: NameLevel =
      switch best {
      case 0.95...: .nearlyEqual
      case 0.88...: isRare ? .veryAlikeByRareWord : .veryAlike
      case 0.8...: isRare ? .alikeByRareWord : .alike
      case 0.7...: isRare ? .similarByRareWord : .similar
      case 0.6...: isRare ? .somewhatByRareWord : isAcronym ? .acronym : .somewhat
      case 0.4...: isRare ? .littleByRareWord : isAcronym ? .acronym : .little
      default: isAcronym ? .acronym : .different
      }
    return (level, best)
  }

  private func domain(_ a: Profile, _ b: Profile) -> DomainLevel {
    guard !a.domains.isEmpty, !b.domains.isEmpty else { return .missing }
    if a.domains.contains(where: { b.domains.contains($0) }) {
      return a.sharesDomain || b.sharesDomain ? .shared : .equal
    }
    let isAlike = a.domains.contains { x in b.domains.contains { $0.label == x.label && x.label.count >= 4 } }
    return isAlike ? .sameLabel : .different
  }

  private func phone(_ a: Profile, _ b: Profile) -> PhoneLevel {
    guard let x = a.phone, let y = b.phone else { return .missing }
    if x.isSame(as: y) { return a.sharesPhone || b.sharesPhone ? .shared : .equal }
    return x.isNear(y) ? .near : .different
  }

  private func address(_ a: Profile, _ b: Profile) -> AddressLevel {
    guard let x = a.address, let y = b.address else { return .missing }
    let samePostcode = x.postcode.isEmpty || y.postcode.isEmpty ? nil : x.postcode == y.postcode
    let sameCity = x.city.isEmpty || y.city.isEmpty ? nil : x.city == y.city
    let samePlace = samePostcode ?? sameCity
    guard !x.street.isEmpty, !y.street.isEmpty else {
      if x.street.isEmpty != y.street.isEmpty || samePlace == nil { return samePlace == false ? .different : .missing }
      // Two places without streets.
      return samePostcode == true ? .samePlace : samePlace == true ? .missing : .different
    }
    if StreetAddress.similarity(x.street, y.street) >= 0.75 {
      if let number = x.number, number == y.number {
        if a.sharesAddress || b.sharesAddress { return .shared }
        return samePlace == true ? .equal : samePlace == nil ? .sameStreet : .shared
      }
      if samePlace != false { return x.number == nil || y.number == nil ? .shared : .otherNumber }
    }
    if samePostcode == true { return .samePostcode }
    return sameCity == true ? .sameCity : .different
  }

  private func key(_ a: Profile, _ b: Profile) -> KeyLevel {
    guard !a.keys.isEmpty, !b.keys.isEmpty else { return .missing }
    var level = KeyLevel.missing
    for (name, value) in a.keys {
      guard let other = b.keys[name] else { continue }
      if other == value { return .equal }
      level = .different
    }
    return level
  }
}
