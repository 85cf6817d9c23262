import Concurrency
import Foundation
import HTTPClient
import Sandbox

/// Serves the sandbox over plain sockets, and breaks answers and connections on purpose.
final class RawServer: @unchecked Sendable {
  // Unchecked Sendable: the socket never changes, and the lock in `state` protects everything that does.
  enum Fault: String, CaseIterable, Sendable {
    case resetBeforeHeaders, resetWithinHeaders, resetWithinBody, truncated, hanging, trickling, garbage, tooManyHeaders
    case brokenChunks, decompressionBomb, endlessBody, slowButWhole, withoutLength
  }

  private struct State {
    var fault: Fault?
    var hits = 0
    var left = 0
    var isData: @Sendable (HTTPRequest) -> Bool = { _ in false }
    var requests: [HTTPRequest] = []
  }

  private let services: SandboxServices
  private let listener: Int32
  private let state = Lock(State())
  let base: String

  init(_ services: SandboxServices) throws {
    self.services = services
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (listener, size) = (listener, length)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, size) | listen(listener, 128) | getsockname(listener, address, &length)
      }
    }
    guard status == 0 else { throw CocoaError(.fileReadUnknown) }
    base = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        Thread.detachNewThread { self.serve(connection) }
      }
    }
  }

  /// - Parameter times: How many answers to data requests it breaks.
  func set(_ fault: Fault?, times: Int, _ isData: @escaping @Sendable (HTTPRequest) -> Bool) {
    state.withLock { state in
      (state.fault, state.left, state.hits, state.isData) = (fault, times, 0, isData)
    }
  }

  var hits: Int { state.withLock { $0.hits } }

  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var buffer: [UInt8] = []
    while let request = read(connection, &buffer) {
      var answer: HTTPResponse?
      let done = DispatchSemaphore(value: 0)
      let box = Lock<HTTPResponse?>(nil)
      Task {
        let response = await services.respond(to: request, base: base)
        box.withLock { $0 = response }
        done.signal()
      }
      done.wait()
      answer = box.withLock { $0 }
      guard let answer else { return }
      let fault = state.withLock { state -> Fault? in
        guard let fault = state.fault, state.left > 0, state.isData(request) else { return nil }
        state.left -= 1
        state.hits += 1
        return fault
      }
      guard respond(answer, fault, connection) else { return }
    }
  }

  /// - Returns: Whether the connection can serve another request.
  private func respond(_ response: HTTPResponse, _ fault: Fault?, _ connection: Int32) -> Bool {
    let body = response.body
    var head = "HTTP/1.1 \(response.status) X\r\n"
    for field in response.headers.fields { head += "\(field.name): \(field.value)\r\n" }
    let whole = Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8)
    switch fault {
    case nil:
      write(connection, whole + body)
      return true
    case .slowButWhole:
      for start in stride(from: 0, to: whole.count + body.count, by: 4096) {
        write(connection, Array((whole + body).dropFirst(start).prefix(4096)))
        usleep(200)
      }
      return true
    case .withoutLength:
      write(connection, Array((head + "Connection: close\r\n\r\n").utf8) + body)
      return false
    case .resetBeforeHeaders: break
    case .resetWithinHeaders: write(connection, Array(whole.prefix(20)))
    case .resetWithinBody: write(connection, whole + body.prefix(body.count / 2))
    case .truncated:
      write(connection, whole + body.prefix(body.count / 2))
      return false
    case .hanging:
      // Waits until the client closes the connection.
      var byte: UInt8 = 0
      _ = recv(connection, &byte, 1, 0)
      return false
    case .trickling:
      for byte in whole + body where write(connection, [byte]) { usleep(5_000) }
      return false
    case .garbage:
      write(connection, Array("SSH-2.0-OpenSSH_9.2\r\nthis is no HTTP at all\r\n".utf8))
      return false
    case .tooManyHeaders:
      write(connection, Array(head.utf8))
      for number in 0..<20_000
      where write(connection, Array("X-\(number): \(String(repeating: "x", count: 60))\r\n".utf8)) {}
      return false
    case .brokenChunks:
      write(connection, Array((head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n").utf8))
      return false
    case .decompressionBomb:
      let bomb = RawServer.bomb
      write(connection, Array((head + "Content-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n").utf8) + bomb)
      return true
    case .endlessBody:
      write(connection, Array((head + "Connection: close\r\n\r\n").utf8))
      let piece = [UInt8](repeating: 32, count: 1 << 16)
      while write(connection, piece) {}
      return false
    }
    // With a linger time of 0, closing the socket resets the connection.
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    return false
  }

  /// 100 MB of zeros, compressed with gzip.
  private static let bomb: [UInt8] = {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "head -c 100000000 /dev/zero | gzip -1"]
    process.standardOutput = pipe
    try? process.run()
    return Array(pipe.fileHandleForReading.readDataToEndOfFile())
  }()

  @discardableResult private func write(_ connection: Int32, _ bytes: [UInt8]) -> Bool {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      start += count
    }
    return true
  }

  private func read(_ connection: Int32, _ buffer: inout [UInt8]) -> HTTPRequest? {
    func more() -> Bool {
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { return false }
      buffer += piece.prefix(count)
      return true
    }
    while true {
      if let end = Data(buffer).firstRange(of: Data("\r\n\r\n".utf8)) {
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3, let method = HTTPMethod(rawValue: String(words[0])) else { return nil }
        var request = HTTPRequest(method, String(words[1]))
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          if parts.count == 2 {
            request.headers.append(String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
          }
        }
        let length = request.headers["Content-Length"].flatMap { Int($0) } ?? 0
        while buffer.count < end.upperBound + length { guard more() else { return nil } }
        request.body = Array(buffer[end.upperBound..<(end.upperBound + length)])
        buffer.removeFirst(end.upperBound + length)
        return request
      }
      guard more() else { return nil }
    }
  }
}
