import CustomerModel
import Testing

@Suite struct EmailAddressTests {
  @Test(arguments: [
    ("a@x.example", "a@x.example"), ("  Ann.Lee+tag@Mail.X.Example\n", "ann.lee+tag@mail.x.example"),
    ("o'brien_1@x-y.example", "o'brien_1@x-y.example"), (#""a b"@x.example"#, #""a b"@x.example"#),
    (#""a@b\"c"@x.example"#, #""a@b\"c"@x.example"#), ("ünal@bücher.example", "ünal@bücher.example"),
    ("x@1.2", "x@1.2"), ("用户@例子.测试", "用户@例子.测试"), ("!#$%&'*+-/=?^_`{|}~@x.example", "!#$%&'*+-/=?^_`{|}~@x.example"),
  ])
  func valid(_ text: String, _ key: String) { #expect(EmailAddress(text)?.text == key) }

  @Test(arguments: [
    "", "a", "@x.example", "a@", "a@x", "a@@x.example", "a@x..example", ".a@x.example", "a.@x.example",
    "a..b@x.example",
    "a b@x.example", "a@-x.example", "a@x-.example", "a@x.example.", "a@.example", "a(comment)@x.example",
    "<a@x.example>",
    "a@x_y.example", "a@[1.2.3.4]", #""a@x.example"#, #"a"b"@x.example"#, "a\u{0}@x.example", "a@x .example",
    "a,b@x.example",
    "a@x.example, b@x.example", "a\u{200B}@x.example", "a\r\n b@x.example",
  ])
  func invalid(_ text: String) { #expect(EmailAddress(text) == nil) }

  @Test func lengthsInBytes() {
    let local = String(repeating: "a", count: 64)
    #expect(EmailAddress(local + "@x.example") != nil)
    #expect(EmailAddress("a" + local + "@x.example") == nil)
    // 33 letters of two bytes.
    #expect(EmailAddress(String(repeating: "ü", count: 33) + "@x.example") == nil)
    let label = String(repeating: "b", count: 63)
    #expect(EmailAddress("a@\(label).example") != nil)
    #expect(EmailAddress("a@b\(label).example") == nil)
    #expect(EmailAddress("aa@\(label).\(label).\(label).\(String(repeating: "c", count: 59))") != nil)
    #expect(EmailAddress("aaa@\(label).\(label).\(label).\(String(repeating: "c", count: 59))") == nil)
  }
}
