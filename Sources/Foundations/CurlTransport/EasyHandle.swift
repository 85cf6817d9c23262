import CCurl
import HTTPClient
import Time

/// One libcurl transfer. Only this file sets libcurl's options and reads its results.
///
/// One thread at a time uses a handle. libcurl's callbacks get the handle's address without a reference, so the owner
/// must keep a reference until the transfer is removed.
final class EasyHandle {
  let pointer: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var limit = 0
  private var isTooLarge = false
  private var body: [UInt8] = []
  private var headers = HTTPFields()
  /// False for Lambda's answers: only headers that begin with L or C (`Lambda-…`, `Content-…`) are kept, to save time.
  private var keepsAllHeaders = true

  init() throws {
    guard let pointer = curl_easy_init() else { throw TransportError(.invalidRequest, "libcurl has no memory") }
    self.pointer = pointer
  }

  deinit {
    curl_slist_free_all(headerList)
    curl_easy_cleanup(pointer)
  }

  /// Sets all options for a request. Of an earlier request only the connection is kept.
  func prepare(_ request: HTTPRequest, trustStore: String?, usesProxy: Bool) throws {
    curl_easy_reset(pointer)
    curl_slist_free_all(headerList)
    headerList = nil
    body = []
    headers = HTTPFields()
    isTooLarge = false
    limit = request.maximumResponseBytes
    keepsAllHeaders = usesProxy

    try check(shim_restrict_to_http(pointer))
    try set(CURLOPT_URL, request.url)
    // For the vendors' logs. The Runtime API does not need it.
    if usesProxy { try set(CURLOPT_USERAGENT, "health-score-middleware") }
    // Our base URLs contain no user name, so a URL that contains one is refused.
    try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    // Signals would interrupt other threads' system calls.
    try set(CURLOPT_NOSIGNAL, 1)
    // A redirect could send credentials to another host. It is returned like any other answer.
    try set(CURLOPT_FOLLOWLOCATION, 0)
    if usesProxy {
      // Empty: every encoding that this libcurl can decode.
      try set(CURLOPT_ACCEPT_ENCODING, "")
    } else {
      try set(CURLOPT_PROXY, "")
    }
    // The connection to a proxy may use TLS even if the request does not.
    if usesProxy || request.url.hasPrefix("https:") {
      try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
      if let trustStore { try set(CURLOPT_CAINFO, trustStore) }
    }
    if request.url.hasPrefix("https:") {
      try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
      // Wait for a connection that can be shared instead of opening one for each request.
      try set(CURLOPT_PIPEWAIT, 1)
    }
    try set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: max(1, request.connectTimeout.inMilliseconds)))
    if let timeout = request.timeout {
      try set(CURLOPT_TIMEOUT_MS, Int(clamping: max(1, timeout.inMilliseconds)))
    }
    try setBody(request)
    try setHeaders(request)

    let context = Unmanaged.passUnretained(self).toOpaque()
    try check(shim_set_callback(pointer, CURLOPT_WRITEFUNCTION, onBody))
    try check(shim_set_pointer(pointer, CURLOPT_WRITEDATA, context))
    try check(shim_set_callback(pointer, CURLOPT_HEADERFUNCTION, onHeader))
    try check(shim_set_pointer(pointer, CURLOPT_HEADERDATA, context))
  }

  private func setBody(_ request: HTTPRequest) throws {
    if let body = request.body ?? (request.method == .get || request.method == .delete ? nil : []) {
      try check(shim_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
      // Copied by libcurl: no pointer outlives this closure.
      try body.withUnsafeBytes { bytes in
        let start = bytes.baseAddress ?? UnsafeRawPointer(pointer)
        try check(shim_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start)))
      }
      if request.method != .post { try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    } else if request.method != .get {
      try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    }
  }

  private func setHeaders(_ request: HTTPRequest) throws {
    for field in request.headers.fields {
      guard !Self.breaksLines(field.name), !Self.breaksLines(field.value) else {
        throw TransportError(.invalidRequest, "the header \(field.name) contains a line break")
      }
      headerList = curl_slist_append(headerList, "\(field.name): \(field.value)")
    }
    // libcurl would wait a second for "100 Continue" before a larger body.
    headerList = curl_slist_append(headerList, "Expect:")
    try check(shim_set_pointer(pointer, CURLOPT_HTTPHEADER, headerList.map(UnsafeMutableRawPointer.init)))
  }

  private static func breaksLines(_ text: String) -> Bool {
    text.utf8.contains { $0 == 10 || $0 == 13 || $0 == 0 }
  }

  /// Frees the body and headers of a transfer, also of a failed one.
  func discard() {
    body = []
    headers = HTTPFields()
  }

  /// The answer of a finished transfer.
  func response(for code: CURLcode) throws -> HTTPResponse {
    guard code == CURLE_OK else { throw error(for: code) }
    var status = 0
    try check(shim_get_long(pointer, CURLINFO_RESPONSE_CODE, &status))
    defer { body = [] }
    return HTTPResponse(status: status, headers: headers, body: body)
  }

  private func error(for code: CURLcode) -> TransportError {
    if isTooLarge { return TransportError(.tooLarge, "the answer is longer than \(limit) bytes") }
    var bytesSent = 0
    shim_get_long(pointer, CURLINFO_REQUEST_SIZE, &bytesSent)
    let kind: TransportError.Kind =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR:
        .connect
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR:
        .untrusted
      case CURLE_OPERATION_TIMEDOUT: bytesSent == 0 ? .connect : .timedOut
      // libcurl also returns this for an answer that is not HTTP.
      case CURLE_UNSUPPORTED_PROTOCOL: bytesSent == 0 ? .invalidRequest : .interrupted
      case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_OUT_OF_MEMORY:
        .invalidRequest
      default: .interrupted
      }
    return TransportError(kind, String(cString: curl_easy_strerror(code)))
  }

  private func set(_ option: CURLoption, _ value: Int) throws { try check(shim_set_long(pointer, option, value)) }

  private func set(_ option: CURLoption, _ value: String) throws { try check(shim_set_string(pointer, option, value)) }

  private func check(_ code: CURLcode) throws {
    guard code == CURLE_OK else { throw error(for: code) }
  }

  fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= limit else {
      isTooLarge = true
      return 0
    }
    if body.isEmpty, let length = headers["Content-Length"].flatMap({ Int($0) }), headers["Content-Encoding"] == nil {
      // At most 1 MiB, because the server's `Content-Length` may be wrong.
      body.reserveCapacity(min(length, limit, 1 << 20))
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  fileprivate func receiveHeader(_ bytes: UnsafeRawBufferPointer) {
    // A new status line: drop the headers of an interim answer (proxy, 100 Continue).
    if bytes.starts(with: "HTTP/".utf8) {
      headers = HTTPFields()
      return
    }
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return }
    if !keepsAllHeaders {
      let first = bytes[0] | 0x20
      guard first == UInt8(ascii: "l") || first == UInt8(ascii: "c") else { return }
    }
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
    var (start, end) = (colon + 1, bytes.count)
    while start < end, isBlank(bytes[start]) { start += 1 }
    while start < end, isBlank(bytes[end - 1]) { end -= 1 }
    headers.append(
      String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<colon]), as: UTF8.self),
      String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self))
  }
}

private let onBody: shim_write_callback = { data, size, count, context in
  guard let data, let context else { return 0 }
  let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
  return handle.receive(UnsafeRawBufferPointer(start: data, count: size * count))
}

private let onHeader: shim_write_callback = { data, size, count, context in
  guard let data, let context else { return 0 }
  Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    .receiveHeader(UnsafeRawBufferPointer(start: data, count: size * count))
  return size * count
}
