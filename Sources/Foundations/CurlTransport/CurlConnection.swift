import CCurl
import HTTPClient

/// Sends requests on the calling thread over one connection that stays open, without a proxy. Only for the Lambda
/// Runtime API.
public final class CurlConnection: BlockingHTTPTransport {
  private let handle: EasyHandle

  /// - Throws: ``TransportError`` where libcurl has no memory.
  public init() throws {
    curl_global_init(Int(CURL_GLOBAL_ALL))
    handle = try EasyHandle()
  }

  public func send(_ request: HTTPRequest) throws -> HTTPResponse {
    try handle.prepare(request, trustStore: nil, usesProxy: false)
    return try handle.response(for: curl_easy_perform(handle.pointer))
  }
}
