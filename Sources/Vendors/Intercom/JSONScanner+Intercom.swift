import Formats

/// Remembers which members of an object were read. If a name occurs twice, the first one counts.
struct Once {
  private var bits: UInt16 = 0

  mutating func first(_ bit: UInt16) -> Bool {
    defer { bits |= 1 << bit }
    return bits & 1 << bit == 0
  }
}

extension JSONScanner {
  /// An id, as a string or a number.
  mutating func id() throws -> String? {
    try kind() == .number ? integer().map { String($0) } : string()
  }

  /// A value that may be null. Sets `isOdd` where it is not null and `read` returns nil.
  mutating func known<Value>(
    _ isOdd: inout Bool, _ read: (inout JSONScanner) throws -> Value?
  ) throws -> Value? {
    let isNull = try kind() == .null
    if isNull { try skip() }
    let value = isNull ? nil : try read(&self)
    if value == nil, !isNull { isOdd = true }
    return value
  }

  /// A number, or the same in quotes.
  mutating func quotedNumber() throws -> Double? {
    guard try kind() == .string else { return try number() }
    return try string().flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
  }

  /// A whole number such as a time, or the same in quotes.
  mutating func time() throws -> Int64? {
    guard try kind() == .number else { return try string().flatMap { Int64($0) } }
    guard let number = try numberText() else { return nil }
    return number.integer ?? number.double.flatMap { Int64(exactly: $0.rounded(.down)) }
  }

  /// Visits the elements of the list that the object has under this name.
  ///
  /// - Throws: `JSONBodyError` where the object has no such list.
  mutating func items(_ name: StaticString, _ visit: (inout JSONScanner) throws -> Void) throws {
    var isFound = false
    try object { key, scanner in
      guard name ~= key, !isFound else { return }
      isFound = true
      try scanner.list(visit)
    }
    guard isFound else { throw JSONBodyError(description: "\(name): is missing") }
  }
}
