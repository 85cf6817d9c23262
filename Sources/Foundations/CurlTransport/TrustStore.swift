#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The CA bundle, looked for at run time: a path linked in on one distribution is wrong on another.
enum TrustStore {
  /// `SSL_CERT_FILE`, then the usual RHEL and Debian places; nil leaves libcurl's own.
  static let path: String? = {
    // Taken at its word: one that can't be read refuses every server rather than trusting others.
    if let file = getenv("SSL_CERT_FILE").map({ String(cString: $0) }), !file.isEmpty { return file }
    let candidates = [
      "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
      "/etc/ssl/certs/ca-certificates.crt",
      "/etc/ssl/cert.pem",
    ]
    return candidates.first { access($0, R_OK) == 0 }
  }()
}
