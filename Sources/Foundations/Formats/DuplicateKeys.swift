/// Finds keys that an object has twice. `JSONDecoder` accepts them silently.
public enum DuplicateKeys {
  /// The first key that any object has twice, cut to 60 characters; nil if there is none. The text must be valid JSON.
  public static func first(in json: [UInt8]) -> String? {
    var objects: [Set<String>?] = []
    var position = 0
    var expectsKey = false
    while position < json.count {
      switch json[position] {
      case UInt8(ascii: "{"):
        objects.append([])
        expectsKey = true
      case UInt8(ascii: "["):
        objects.append(nil)
        expectsKey = false
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = objects.popLast()
        expectsKey = false
      case UInt8(ascii: ","):
        expectsKey = objects.last.map { $0 != nil } ?? false
      case UInt8(ascii: "\""):
        let end = endOfString(json, from: position)
        if expectsKey, let last = objects.indices.last {
          // Decoded, because escapes can make equal keys look different.
          let key = (try? JSONBody.decode(String.self, from: Array(json[position...end]))) ?? ""
          if objects[last]?.insert(key).inserted == false { return String(key.prefix(60)) }
          expectsKey = false
        }
        position = end
      default: break
      }
      position += 1
    }
    return nil
  }

  private static func endOfString(_ json: [UInt8], from start: Int) -> Int {
    var position = start + 1
    while position < json.count, json[position] != UInt8(ascii: "\"") {
      position += json[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(position, json.count - 1)
  }
}
