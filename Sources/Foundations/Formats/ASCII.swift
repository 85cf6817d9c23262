extension UInt8 {
  /// `0` to `9`.
  @inlinable public var isASCIIDigit: Bool { self >= 48 && self <= 57 }

  /// `A` to `Z`.
  @inlinable public var isASCIIUppercase: Bool { self >= 65 && self <= 90 }

  /// `a` to `z`.
  @inlinable public var isASCIILowercase: Bool { self >= 97 && self <= 122 }

  @inlinable public var isASCIILetter: Bool { isASCIIUppercase || isASCIILowercase }

  @inlinable public var isASCIIAlphanumeric: Bool { isASCIILetter || isASCIIDigit }
}

extension String {
  /// Whether every byte is an ASCII letter, an ASCII digit or one of the given signs; true of an empty text.
  ///
  /// - Parameter signs: ASCII only, such as `"_.-"`.
  public func isASCIIAlphanumeric(or signs: String = "") -> Bool {
    utf8.allSatisfy { $0.isASCIIAlphanumeric || signs.utf8.contains($0) }
  }

  /// Whether it is made of ASCII digits; false of an empty text.
  public var isASCIINumber: Bool { !utf8.isEmpty && utf8.allSatisfy(\.isASCIIDigit) }
}
