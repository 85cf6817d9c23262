/// Minimal XML for answers with a known, simple structure: escapes text, and reads elements that contain only text.
public enum XMLText {
  /// With `&`, `<`, `>` and both kinds of quotes as entities, for text and attribute values.
  public static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&apos;")
  }

  /// The first element's text; nil where there is none.
  public static func first(_ element: String, in document: String) -> String? { all(element, in: document).first }

  /// The text of every element of that name, in order.
  public static func all(_ element: String, in document: String) -> [String] {
    document.split(separator: "<\(element)>", omittingEmptySubsequences: false).dropFirst().compactMap { part in
      part.split(separator: "</\(element)>", maxSplits: 1, omittingEmptySubsequences: false).first.map(unescaped)
    }
  }

  private static func unescaped(_ text: Substring) -> String {
    String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&apos;", with: "'").replacing("&amp;", with: "&")
  }
}
