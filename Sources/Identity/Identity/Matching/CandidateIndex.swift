import RealModule

/// Finds, for a row, the rows of a table that are worth comparing (blocking).
///
/// A row is a candidate if it has the same key, domain, phone or address, the same name run together, a rare word or the
/// initials of the name, or is among the names with the most rare letter triples in common.
struct CandidateIndex: Sendable {
  /// How many rows are kept for the likeness of their names.
  private static let kept = 20
  /// A list longer than this says too little: a word or phone that so many rows have is no lead.
  private static let longestList = 60

  private let rows: [Profile]
  private var exact: [String: [Int32]] = [:]
  private var triples: [UInt32: [Int32]] = [:]
  private var lengths: [Float] = []
  private let longestTripleList: Int

  init(_ table: ProfileTable) {
    rows = table.rows
    longestTripleList = max(200, rows.count / 16)
    for (index, row) in rows.enumerated() {
      for lead in Self.leads(row) { exact[lead, default: []].append(Int32(index)) }
      for triple in Self.triples(of: row) { triples[triple, default: []].append(Int32(index)) }
    }
    lengths = rows.map { row in
      Self.triples(of: row).reduce(into: Float(0)) { $0 += square(weight($1)) }.squareRoot()
    }
  }

  /// Room for one search after another.
  struct Scratch {
    fileprivate var scores: [Float]
    fileprivate var touched: [Int32] = []
  }

  var scratch: Scratch { Scratch(scores: Array(repeating: 0, count: rows.count)) }

  /// The rows worth comparing with a row, in the order of the table.
  func candidates(for row: Profile, _ scratch: inout Scratch) -> [Int32] {
    var found: Set<Int32> = []
    for lead in Self.leads(row) {
      guard let list = exact[lead], list.count <= Self.longestList else { continue }
      found.formUnion(list)
    }
    var length: Float = 0
    for triple in Self.triples(of: row) {
      let weight = weight(triple)
      length += square(weight)
      guard let list = triples[triple], list.count <= longestTripleList else { continue }
      for index in list {
        if scratch.scores[Int(index)] == 0 { scratch.touched.append(index) }
        scratch.scores[Int(index)] += square(weight)
      }
    }
    length = length.squareRoot()
    var best: [(score: Float, index: Int32)] = []
    for index in scratch.touched {
      let score = scratch.scores[Int(index)] / (length * max(lengths[Int(index)], 0.001))
      scratch.scores[Int(index)] = 0
      guard score >= 0.2 else { continue }
      best.append((score, index))
    }
    scratch.touched.removeAll(keepingCapacity: true)
    if best.count > Self.kept {
      best.sort { $0.score != $1.score ? $0.score > $1.score : $0.index < $1.index }
      best.removeLast(best.count - Self.kept)
    }
    found.formUnion(best.map(\.index))
    return found.sorted()
  }

  private func weight(_ triple: UInt32) -> Float {
    Float(Double.log(1 + Double(rows.count) / Double(1 + (triples[triple]?.count ?? 0))))
  }

  private func square(_ number: Float) -> Float { number * number }

  /// What a row has in common with another exactly.
  private static func leads(_ row: Profile) -> Set<String> {
    var leads: Set<String> = []
    for (name, value) in row.keys { leads.insert("k \(name) \(value)") }
    for domain in row.domains { leads.insert("d \(domain.text)") }
    for domain in row.domains { leads.insert("l \(domain.label)") }
    if let phone = row.phone { leads.insert("p \(phone.national)") }
    if let key = row.addressKey {
      leads.insert("a \(key)")
      if let address = row.address, !address.postcode.isEmpty {
        leads.insert("z \(address.postcode) \(address.number ?? "")")
      }
    }
    for form in row.readings {
      leads.insert("n \(form.joined)")
      for word in form.words where word.utf8.count > 1 { leads.insert("w \(word)") }
      if let initials = form.initials { leads.insert("w \(initials)") }
    }
    return leads
  }

  /// In a fixed order, so that sums come out the same in every process.
  private static func triples(of row: Profile) -> [UInt32] {
    var triples: Set<UInt32> = []
    for form in row.readings {
      let bytes = [94] + Array(form.joined.utf8) + [36]
      guard bytes.count >= 3 else { continue }
      for start in 0...(bytes.count - 3) {
        triples.insert(UInt32(bytes[start]) << 16 | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]))
      }
    }
    return triples.sorted()
  }
}
