import Formats
import Identity
import Testing

@Suite struct MatcherTests {
  private typealias Row = Organisation

  private func match(
    _ left: [Organisation], _ right: [Organisation], _ change: (inout Matcher.Options) -> Void = { _ in }
  ) async -> [Match] {
    var options = Matcher.Options()
    change(&options)
    return await Matcher(options: options).match(left: left, right: right).matches
  }

  /// Rows that have nothing to do with the others, so that words have a frequency.
  private let strangers = ["Quillowmere Foods", "Brindlefax Energy", "Vexandra Lodge", "Pelmar Systems", "Orvell Bank"]
    .enumerated().map { Organisation(id: "s\($0.offset)", name: $0.element) }

  @Test func anEqualNameWithNothingLikeItIsEnough() async {
    let matches = await match(
      strangers + [Row(id: "a", name: "Zorvalle Hotels, Inc.")],
      [Row(id: "b", name: "ZORVALLE HOTELS"), Row(id: "c", name: "Tumbrel Group")])
    #expect(matches.last?.decision == .auto && matches.last?.rightID == "b")
    #expect(matches.last?.evidence == "same name (one without legal form)")
    #expect(matches.dropLast().allSatisfy { $0.decision == .none && $0.rightID == nil && $0.evidence.isEmpty })
  }

  @Test func aCloseNameOnEitherSideNeedsAPerson() async {
    let twin = Row(id: "c", name: "Zorvalle Hotels Nord")
    let pair = ([Row(id: "a", name: "Zorvalle Hotels")], [Row(id: "b", name: "Zorvalle Hotels"), twin])
    #expect(await match(strangers + pair.0, pair.1).last?.decision == .review)
    #expect(await match(strangers + [twin] + pair.0, [pair.1[0]]).last?.decision == .review)
    // The other side may have more than one of a brand.
    let many = await match(strangers + [twin] + pair.0, [pair.1[0]]) { $0.allowsMany = true }
    #expect(many.last?.decision == .auto)
  }

  @Test(arguments: [
    ("Zorvalle Hotel 2", "Zorvalle Hotel 3", Match.Decision.none), ("Zorvalle Inc", "Zorvalle Ltd", .review),
    ("Zorvalle Hotel II", "Zorvalle Hotel 2", .auto), ("ZQ", "ZQ", .review),
  ]) func namesAlone(_ a: String, _ b: String, _ decision: Match.Decision) async {
    let matches = await match(strangers + [Row(id: "a", name: a)], [Row(id: "b", name: b)])
    #expect(matches.last?.decision != .auto || decision == .auto, "\(matches)")
    if decision != .none { #expect(matches.last?.decision == decision, "\(matches)") }
  }

  @Test func twoKeysDecideAndAContradictionDoesNot() async {
    let row = Row(id: "a", name: "Zorvalle Hotel", website: "https://zorvalle.example", phone: "+1 310 555 1501")
    func decision(_ change: (inout Organisation) -> Void) async -> Match? {
      var other = Row(id: "b", name: "Hotel Zorvale", website: "www.zorvalle.example", phone: "310-555-1501")
      change(&other)
      return await match(strangers + [row], [other]).last
    }
    let agreeing = await decision { _ in }
    #expect(
      agreeing?.decision == .auto
        && agreeing?.evidence.hasPrefix("same domain zorvalle.example; same phone; name 0.") == true)
    #expect(await decision { $0.phone = "212 555 9999" }?.decision == .review)
    #expect(await decision { $0.website = "elsewhere.example" }?.decision == .review)
    #expect(await decision { $0.name = "Zorvalle Hotel 7" }?.decision == .review)
  }

  @Test func aSharedDomainIsNoKey() async {
    let left = ["London", "Paris"].map {
      Row(id: $0, name: "Zorvalle \($0)", website: "zorvalle.example")
    }
    let right = ["Rome", "Oslo"].map { Row(id: $0, name: "Zorvalle \($0)", website: "zorvalle.example") }
    #expect(await match(left + strangers, right).allSatisfy { $0.decision != .auto })
    let mail = [Row(id: "x", name: "Tumbrel Foods", email: "tumbrel@gmail.com")]
    #expect(
      await match(mail + strangers, [Row(id: "y", name: "Orbel Mining", email: "orbel@gmail.com")])[0].decision == .none
    )
  }

  @Test func anIdentifierIsFoundBehindItsPrefix() async {
    let ids = ["001SBx000000001", "001SBx000000002", "001SBx000000003"]
    let left = ids.enumerated().map { Row(id: "l\($0.offset)", name: "Left \($0.offset)", keys: ["sf": $0.element]) }
    let right = ids.enumerated().map { index, id in
      Row(id: "r\(index)", name: "Right Thing", keys: ["sf": "acct-" + (SalesforceID(id)?.description ?? "") + "-eu"])
    }
    let result = await Matcher().match(left: left, right: right)
    #expect(result.matches.map(\.rightID) == ["r0", "r1", "r2"])
    #expect(result.matches.allSatisfy { $0.decision == .auto && $0.evidence.hasPrefix("same sf") })
    #expect(result.findings.count == 1 && result.findings[0].contains(#"the prefix "acct-" and the suffix "-eu""#))
  }

  @Test func theShortFormBehindAPrefixIsTheSameId() async {
    let ids = ["001SBx000000001YAA", "001SBx000000002YAA", "001SBx000000003YAA"]
    let left = ids.map { Row(id: $0, name: "Left", keys: ["sf": $0]) }
    let right = ids.enumerated().map { index, id in
      Row(id: "r\(index)", name: "Right", keys: ["sf": "crm-" + id.prefix(index == 0 ? 15 : 18)])
    }
    #expect(await match(left, right).map(\.rightID) == ["r0", "r1", "r2"])
  }

  @Test func anIdentifierOfTwoRowsIsNone() async {
    let right = ["r0", "r1"].map { Row(id: $0, name: "Right \($0)", keys: ["sf": "77"]) }
    let matches = await match([Row(id: "l", name: "Left", keys: ["sf": "77"])], right)
    #expect(matches[0].decision == .none)
  }

  @Test func oneRightRowIsDecidedOnce() async {
    let twins = ["l0", "l1"].map { Row(id: $0, name: "Zorvalle Hotel", website: "zorvalle.example") }
    let right = [Row(id: "r", name: "Zorvalle Hotel", website: "zorvalle.example")]
    let matches = await match(twins + strangers, right)
    #expect(matches.filter { $0.decision == .auto }.isEmpty && matches[0].decision == .review)
  }

  @Test func moreCandidatesAreListedBelowAReviewOnly() async {
    let right = ["Zorvalle Foods Nord", "Zorvalle Foods Sud", "Pelmar Systems"].enumerated().map {
      Row(id: "r\($0.offset)", name: $0.element)
    }
    let matches = await match(strangers + [Row(id: "a", name: "Zorvalle Foods")], right) { $0.top = 3 }
    #expect(matches.filter { $0.leftID == "a" }.compactMap(\.rightID) == ["r0", "r1"])
    #expect(matches.filter { $0.leftID == "s3" }.count == 1)
  }

  @Test func labelsAreRead() async throws {
    let rows = strangers
    let text = "left_id;right_id;match\ns0;s0;yes\ns1;s2;No\n"
    let labels = try Matcher.labels(Array(text.utf8), left: rows, right: rows)
    #expect(labels.map(\.isMatch) == [true, false] && labels[1].right == 2)
    let checked = await Matcher().crossValidation(left: rows, right: rows, labels: labels)
    #expect(checked.precision == 1 && checked.recall == 1)
    let error = #expect(throws: RowProblems.self) {
      try Matcher.labels(Array("left_id,right_id,match\nx,s0,yes\ns0,s0,perhaps\n".utf8), left: rows, right: rows)
    }
    #expect(error?.problems.count == 2)
  }

  @Test(arguments: [
    ("name\nx\n", "1: the column id is missing"), ("id,name\n1,a\n1,b\n", "3: the id stands in line 2 already"),
    ("id,name\n,a\n", "2: id is empty"), ("id,name\n1,\"a\n", "2: a quote that is never closed"),
    ("", "1: the file is empty"),
  ]) func faultyFilesAreNamedByLine(_ text: String, _ problem: String) {
    let error = #expect(throws: RowProblems.self) { try OrganisationFile(Array(text.utf8)) }
    #expect(error?.problems.first?.hasPrefix(problem) == true)
  }

  @Test func columnsAreFoundByName() throws {
    let file = try OrganisationFile(Array("\u{FEFF}remark,id,key:sf_id,name\r\nx, 1 ,77,\"A, B\"\r\n".utf8))
    #expect(file.ignored == ["remark"])
    #expect(file.rows == [Organisation(id: "1", name: "A, B", keys: ["sf_id": "77"])])
  }

  @Test func numbersAreCutOff() {
    #expect(
      [0, 0.00009, 0.98999, 0.99, 0.999999, 1].map(\.fourDecimals) == [
        "0.0000", "0.0000", "0.9899", "0.9900", "0.9999", "1.0000",
      ])
  }
}
