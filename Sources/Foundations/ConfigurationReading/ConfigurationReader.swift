import Formats
import YAML

/// Reads values from YAML and collects all problems instead of stopping at the first.
///
/// A value that can't be read gets a default. The default is never used, because a problem prevents a
/// ``Configuration``.
public final class ConfigurationReader {
  public let file: String
  public private(set) var problems: [ConfigurationProblem] = []
  /// Paths of values that carry `approved: false`.
  public private(set) var unapproved: [String] = []

  public init(file: String) { self.file = file }

  /// The document as a section; nil where it can't be read or is not YAML.
  public func document(_ bytes: [UInt8]?) -> ConfigurationSection? {
    guard let bytes else {
      problems.append(.unreadable(file))
      return nil
    }
    if let defect = UTF8Text.defect(bytes) {
      problems.append(
        ConfigurationProblem(
          file: file, mark: SourceMark(line: defect.line, column: defect.column), path: "",
          message: "\(defect.message); save the file as UTF-8"))
      return nil
    }
    do {
      let node = try YAMLParser.parse(UTF8Text.withoutMark(bytes))
      return ConfigurationField(node: node, mark: node.mark, path: "", reader: self).section()
    } catch let error as YAMLError {
      problems.append(ConfigurationProblem(file: file, mark: error.mark, path: "", message: error.message))
    } catch {
      problems.append(
        ConfigurationProblem(file: file, mark: SourceMark(line: 1, column: 1), path: "", message: "\(error)"))
    }
    return nil
  }

  public func note(_ message: String, at path: String, _ mark: SourceMark) {
    problems.append(ConfigurationProblem(file: file, mark: mark, path: path, message: message))
  }

  public func noteUnapproved(_ path: String) { unapproved.append(path) }

  /// In the order of the file.
  public var sortedProblems: [ConfigurationProblem] { problems.sorted { $0.mark < $1.mark } }

  /// `file: path` of each value that carries `approved: false`.
  public var unapprovedPlaces: [String] { unapproved.map { "\(file): \($0)" } }
}
