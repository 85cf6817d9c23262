/// Legal forms of organisations and how they are written. Written for this product after ISO 20275 (Entity Legal Forms) and the
/// company laws that it lists.
enum LegalForms {
  /// One form a line: what it is called here, then its spellings, folded. A spelling that is a common word or part of
  /// names in some language counts at the end of a name only (`weak`).
  private static let strong = """
    inc: inc, incorporated, incorporation
    corp: corp, corporation
    company: company, compagnie
    llc: llc, limited liability company, limited liability co
    llp: llp, limited liability partnership
    lllp: lllp
    lp: limited partnership
    pllc: pllc
    limited: ltd, limited, ltee, limitee
    plc: plc, public limited company
    gmbh: gmbh, gesellschaft mit beschrankter haftung, mbh, ggmbh
    gmbhco: gmbh co kg, gmbh und co kg, gmbh and co kg, gmbh co kgaa, gmbh co ohg
    ag: aktiengesellschaft
    kgaa: kgaa
    kg: kommanditgesellschaft
    ohg: ohg
    ev: eingetragener verein
    eg: eingetragene genossenschaft
    sa: societe anonyme, sociedad anonima, sociedade anonima
    sarl: sarl, societe a responsabilite limitee, eurl, earl
    sas: sasu, societe par actions simplifiee
    spa: societa per azioni
    srl: srl, srls, societa a responsabilita limitata, sociedad de responsabilidad limitada
    sl: sociedad limitada, slu
    sadecv: sa de cv, sab de cv, sapi de cv, s de rl de cv, srl de cv, sociedad anonima de capital variable
    ltda: ltda, limitada, cia ltda, eireli
    lda: lda
    bv: bv, bvba, besloten vennootschap
    nv: naamloze vennootschap
    vof: vof
    ab: aktiebolag
    aps: aps, anpartsselskab
    as: aktieselskab, aksjeselskap
    asa: allmennaksjeselskap
    oy: oyj, osakeyhtio
    ehf: ehf
    kft: kft
    zrt: zrt, nyrt
    sro: sro, spol sro
    doo: doo
    dd: dooel
    spzoo: sp zoo, spolka z ograniczona odpowiedzialnoscia, spzoo, sp z oo, spolka akcyjna
    ood: eood, ead
    uab: uab
    oue: osauhing
    sia: sabiedriba ar ierobezotu atbildibu
    ooo: ooo
    pao: oao, pao, zao, pjsc, ojsc, cjsc
    jsc: jsc, joint stock company
    kk: kabushiki kaisha, kabushiki gaisha
    gk: godo kaisha
    colimited: co ltd, company limited, coltd, co limited
    ptyltd: pty ltd, pty limited, proprietary limited, pty
    pteltd: pte ltd, pte limited, private limited, pvt ltd, pvt limited, pte, pvt
    sdnbhd: sdn bhd, berhad, bhd
    tbk: tbk
    fzllc: fz llc, fze, fzco, wll
    as tr: anonim sirketi, limited sirketi, ltd sti
    vzw: vzw, asbl
    """

  /// Only at the end of a name, or at its beginning where a country writes it there.
  private static let weak = """
    company: co, cie, cia
    lp: lp
    ag: ag
    kg: kg
    ev: ev
    eg: eg
    se: se
    sa: sa
    sas: sas
    spa: spa
    sl: sl
    nv: nv
    cv: cv
    ab: ab
    as: as
    asa: asa
    oy: oy
    hf: hf
    ad: ad
    dd: dd
    ood: ood
    oue: ou
    sia: sia
    kk: kk
    gk: gk
    ao: ao, ae
    ulc: ulc
    pc: pc
    pa: pa
    na: na
    sc: sc
    trust: gbr
    pt: pt
    """

  /// Every spelling as words → its form. Longest first.
  static let spellings: [(words: [String], form: String, isWeak: Bool)] = {
    func parse(_ text: String, isWeak: Bool) -> [(words: [String], form: String, isWeak: Bool)] {
      text.split(separator: "\n").flatMap { line in
        let parts = line.split(separator: ":")
        return parts[1].split(separator: ",").map { spelling in
          (spelling.split(separator: " ").map(String.init), String(parts[0]), isWeak)
        }
      }
    }
    return (parse(strong, isWeak: false) + parse(weak, isWeak: true)).sorted { a, b in
      a.words.count != b.words.count ? a.words.count > b.words.count : a.words.lexicographicallyPrecedes(b.words)
    }
  }()

  /// The spellings by their last word, longest first.
  static let byLastWord: [String: [(words: [String], form: String, isWeak: Bool)]] =
    Dictionary(grouping: spellings) { $0.words.last ?? "" }

  /// Forms that some countries write in front.
  static let leading: Set<String> = ["pt", "ooo", "oao", "pao", "zao", "ao", "tov", "uab", "sia"]
}
