/// What of a host name belongs to one organisation, and which domains belong to nobody in particular.
enum WebDomains {
  /// Suffixes of two labels under which organisations register. An excerpt of the Public Suffix List's rules for registries,
  /// chosen for this product: countries where companies use a second level.
  static let publicSuffixes: Set<String> = {
    let text = """
      uk: co org ltd plc me net ac gov nhs sch
      au: com net org edu gov asn id
      nz: co net org ac govt geek maori school iwi
      za: co org net ac gov web
      jp: co or ne ac go ed gr lg ad
      kr: co or ne re ac go pe
      in: co net org firm gen ind ac edu gov
      br: com net org gov edu art ind adv eco
      mx: com net org edu gob
      ar: com net org edu gob
      co: com net org edu gov
      pe: com net org edu gob
      cl: gob
      ve: com net org
      ec: com net org gob edu
      uy: com net org edu gub
      py: com net org edu
      bo: com net org edu
      cr: co or ac go
      gt: com net org
      do: com net org
      tr: com net org gov edu bel av gen web
      cn: com net org gov edu ac
      hk: com net org gov edu idv
      tw: com net org gov edu idv
      sg: com net org gov edu per
      my: com net org gov edu
      th: co or ac go in net
      id: co or ac go web sch
      ph: com net org gov edu
      vn: com net org gov edu
      il: co org ac net gov muni
      ae: co net org ac gov
      sa: com net org gov edu
      eg: com net org gov edu
      ng: com net org gov edu
      ke: co or ac go ne
      gh: com org gov edu
      ma: co net org gov ac
      tz: co or ac go
      ug: co or ac go
      ua: com net org gov edu kiev kyiv lviv in
      pl: com net org edu gov waw
      ru: com org net pp msk spb
      gr: com net org edu gov
      cy: com net org gov ac
      mt: com net org gov edu
      pt: com org edu gov
      es: com nom org gob edu
      it: gov edu
      fr: com asso gouv nom
      at: co or ac gv
      hu: co org info
      ro: com org
      rs: co org edu gov ac in
      hr: com from
      bg: com
      pk: com net org edu gov
      bd: com net org edu gov
      lk: com org edu gov
      np: com org edu gov
      kh: com org edu gov
      mm: com org edu gov
      lb: com org edu gov
      jo: com org edu gov
      kw: com org edu gov
      qa: com org edu gov
      om: com co org gov
      bh: com org edu gov
      cu: com org
      pr: com org
      pa: com org
      sv: com org
      ni: com org
      hn: com org
      us: k12
      """
    return Set(
      text.split(separator: "\n").flatMap { line in
        let parts = line.split(separator: ":")
        return parts[1].split(separator: " ").map { "\($0).\(parts[0].trimming)" }
      })
  }()

  /// Domains where anybody has an address or a page: they say nothing about who somebody is.
  static let shared: Set<String> = Set(
    """
    gmail.com googlemail.com yahoo.com ymail.com rocketmail.com hotmail.com outlook.com live.com msn.com aol.com aim.com
    icloud.com me.com mac.com protonmail.com proton.me pm.me gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de
    freenet.de mail.com mail.ru yandex.ru yandex.com inbox.ru bk.ru list.ru rambler.ru qq.com 163.com 126.com sina.com
    foxmail.com naver.com daum.net hanmail.net zoho.com fastmail.com hushmail.com tutanota.com tuta.io comcast.net
    verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net btinternet.com sky.com
    talktalk.net ntlworld.com virginmedia.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it
    tiscali.it alice.it tin.it terra.com.br uol.com.br bol.com.br bluewin.ch hispeed.ch telenet.be skynet.be ziggo.nl
    kpnmail.nl xs4all.nl planet.nl home.nl telefonica.net seznam.cz centrum.cz wp.pl o2.pl onet.pl interia.pl rediffmail.com
    shaw.ca rogers.com telus.net sympatico.ca bigpond.com optusnet.com.au xtra.co.nz
    facebook.com fb.com instagram.com linkedin.com twitter.com x.com youtube.com tiktok.com pinterest.com yelp.com
    tripadvisor.com booking.com expedia.com airbnb.com google.com goo.gl bit.ly linktr.ee wixsite.com wix.com
    wordpress.com blogspot.com weebly.com squarespace.com godaddysites.com myshopify.com shopify.com github.io
    herokuapp.com netlify.app vercel.app web.app firebaseapp.com pages.dev azurewebsites.net cloudfront.net
    amazonaws.com sites.google.com business.site jimdo.com webnode.com site123.me strikingly.com notion.site medium.com
    tumblr.com etsy.com ebay.com amazon.com opentable.com doordash.com ubereats.com example.invalid localhost
    """.split { $0 == " " || $0 == "\n" }.map(String.init))
}

extension Substring {
  fileprivate var trimming: Substring { drop { $0 == " " } }
}
