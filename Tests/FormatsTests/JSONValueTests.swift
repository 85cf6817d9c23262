import Formats
import Testing

@Suite struct JSONValueTests {
  @Test func numbersKeepTheirDigits() throws {
    let value = try JSONValue(
      json: Array(#"{"a":1275.0,"b":[1e3,-0.10],"c":{"d":null,"e":true,"f":" x "},"a":2}"#.utf8))
    #expect(value["a"] == .number("1275.0") && value["b"]?.list == [.number("1e3"), .number("-0.10")])
    #expect(value["c"]?["d"] == nil && value["c"]?["e"]?.flag == true && value["c"]?["f"]?.text == "x")
    #expect(
      value["a"]?.digits == "1275.0" && value["c"]?["f"]?.id == "x" && value["z"] == nil && value["a"]?["b"] == nil)
  }

  @Test(arguments: ["", "{", "[1,]2", #"{"a":}"#, "nul"])
  func whatIsNoJSONIsRefused(_ text: String) {
    #expect(throws: JSONBodyError.self) { try JSONValue(json: Array(text.utf8)) }
  }

  @Test(arguments: [
    ("plain", "plain"), ("a < b & c", "a < b & c"), ("<p>one</p><p>two</p>", " one  two "), ("<b>o</b>ne", "one"),
    ("a<!-- x > y -->b", "ab"), ("a<br/>b", "a b"), ("&lt;b&gt;", "<b>"), ("<img alt='>'>x", " x"), ("a <", "a <"),
    ("<p", "<p"),
  ])
  func textOfHTML(_ html: String, _ text: String) { #expect(html.textOfHTML == text) }
}
