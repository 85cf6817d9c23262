/// How well a model that was taken from labels tells the labels that it did not see.
public struct CrossValidation: Sendable, Equatable {
  public var folds: Int
  public var matches: Int
  public var nonMatches: Int
  /// Of the pairs from ``Matcher/Options/reviewAt`` on, the share that match; nil where there are none.
  public var precision: Double?
  /// Of the matches, the share from ``Matcher/Options/reviewAt`` on; nil where there are none.
  public var recall: Double?
}

extension Matcher {
  /// The precision and recall that the model of these labels has on labels that were held back, in five parts.
  public func crossValidation(left: [Organisation], right: [Organisation], labels: [Label]) async -> CrossValidation {
    let book = Book(left: left, right: right, options: options)
    let pairs = await book.comparedPairs()
    let base = await book.fittedModel(pairs)
    let folds = min(5, labels.count)
    var (right, found) = (0, 0)
    for fold in 0..<folds {
      let kept = labels.enumerated().filter { $0.offset % folds != fold }.map(\.element)
      let model = book.model(kept, base: base, pairs)
      for (index, label) in labels.enumerated() where index % folds == fold {
        guard model.probability(book.levels(label)) >= options.reviewAt else { continue }
        found += 1
        if label.isMatch { right += 1 }
      }
    }
    let matches = labels.count(where: \.isMatch)
    return CrossValidation(
      folds: folds, matches: matches, nonMatches: labels.count - matches,
      precision: found == 0 ? nil : Double(right) / Double(found),
      recall: matches == 0 ? nil : Double(right) / Double(matches))
  }
}

extension Book {
  func levels(_ label: Matcher.Label) -> Levels {
    comparison.levels(left.rows[label.left], right.rows[label.right]).levels
  }

  func model(_ labels: [Matcher.Label], _ pairs: [ComparedPair]) async -> FellegiSunter {
    model(labels, base: await fittedModel(pairs), pairs)
  }

  /// `m` from the pairs that match, `u` from the ones that don't. Where there are few labels, the model that needs none
  /// fills in.
  ///
  /// Labelled pairs that don't match were candidates once, and look more alike than any two rows. So they correct how levels
  /// are distributed among the candidates that don't match, and `u` by the same factor.
  func model(_ labels: [Matcher.Label], base: FellegiSunter, _ pairs: [ComparedPair]) -> FellegiSunter {
    var matches = FellegiSunter.noCounts
    var others = FellegiSunter.noCounts
    for label in labels {
      if label.isMatch {
        FellegiSunter.count(&matches, levels(label))
      } else {
        FellegiSunter.count(&others, levels(label))
      }
    }
    var candidates = FellegiSunter.noCounts
    for pair in pairs { FellegiSunter.count(&candidates, pair.levels, 1 - base.probability(pair.levels)) }
    let before = FellegiSunter.shares(candidates, prior: base.u, strength: 1)
    let after = FellegiSunter.shares(others, prior: before, strength: 50)
    var model = base
    model.m = FellegiSunter.shares(matches, prior: base.m, strength: 20)
    for field in model.u.indices {
      let corrected = model.u[field].indices.map { base.u[field][$0] * after[field][$0] / before[field][$0] }
      let sum = corrected.dropLast().reduce(0, +)
      model.u[field] = corrected.enumerated().map { $0 == corrected.count - 1 ? 1 : $1 / sum }
    }
    return model
  }
}
