import Concurrency
import HTTPClient
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Serves the sandbox by HTTP on the loopback interface.
public struct SandboxServer: Sendable {
  private let services: SandboxServices
  private let port: Int

  /// - Parameter port: 0 takes a free one.
  public init(services: SandboxServices, port: Int) {
    self.services = services
    self.port = port
  }

  /// Serves until the task is cancelled.
  ///
  /// - Parameter whenReady: Receives the base URL, such as `http://127.0.0.1:8080`, when the server is ready.
  public func run(whenReady: @escaping @Sendable (String) async -> Void) async throws {
    let services = services
    let address = Lock("")
    let responder = CallbackResponder { (request: Request, _: BasicRequestContext) in
      let body = try await request.body.collect(upTo: 128 << 20)
      let base = address.withLock { $0 }
      let response = await services.respond(to: HTTPClient.HTTPRequest(request, body: Array(buffer: body)), base: base)
      return Response(response)
    }
    let app = Application(
      responder: responder, configuration: .init(address: .hostname("127.0.0.1", port: port)),
      onServerRunning: { channel in
        let base = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
        address.withLock { $0 = base }
        await whenReady(base)
      },
      logger: Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() })
    try await app.run()
  }
}

extension HTTPClient.HTTPRequest {
  fileprivate init(_ request: Request, body: [UInt8]) {
    var headers: HTTPClient.HTTPFields = [:]
    for field in request.headers { headers.append(field.name.rawName, field.value) }
    self.init(HTTPMethod(rawValue: request.method.rawValue) ?? .get, request.uri.string, headers: headers, body: body)
  }
}

extension Response {
  fileprivate init(_ response: HTTPClient.HTTPResponse) {
    var headers = HTTPTypes.HTTPFields()
    for field in response.headers.fields {
      if let name = HTTPField.Name(field.name) { headers.append(HTTPField(name: name, value: field.value)) }
    }
    self.init(
      status: .init(code: response.status), headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: response.body)))
  }
}
