import CustomerModel
import Testing

@Suite struct CancelLexiconTests {
  private let lexicon = CancelLexicon(["cancel", "leaving", "not renewing", "won't renew"])

  @Test(arguments: [
    "cancel", "Please CANCEL.", "<p>can<b>cel</b></p>", "<p>We are not<br>renewing</p>", "not\n\t renewing",
    "not&nbsp;renewing", "we won\u{2019}t renew", "we won&#39;t&#32;renew", "we won&rsquo;t renew", "(leaving)",
    "leaving!",
    "<div>We</div><div>cancel</div>", "non-cancel", "<a title='a > b'>cancel</a>", "can\u{AD}cel",
    "WON\u{02BC}T  RENEW",
  ])
  func mentioned(_ html: String) { #expect(lexicon.isMentioned(in: html)) }

  @Test(arguments: [
    "", "cancelled", "uncancel", "cancel_all", "cancel2", "<p title=\"cancel\">hello</p>", "<!-- cancel -->hello",
    "can cel",
    "not really renewing", "wont renew", "not</p><p>today</p>", "cançel", "leavings", "<b>can</b> <b>cel</b>",
  ])
  func notMentioned(_ html: String) { #expect(!lexicon.isMentioned(in: html)) }

  @Test func withoutPhrasesNothingIs() { #expect(!CancelLexicon([]).isMentioned(in: "cancel")) }
}
