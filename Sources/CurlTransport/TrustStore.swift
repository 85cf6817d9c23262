#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The CA bundle, looked for at run time: a path linked in on one distribution is wrong on another.
enum TrustStore {
  /// `SSL_CERT_FILE`, then the usual RHEL and Debian places; nil leaves libcurl's own.
  static let path: String? = {
    let candidates = [
      getenv("SSL_CERT_FILE").map { String(cString: $0) },
      "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
      "/etc/ssl/certs/ca-certificates.crt",
      "/etc/ssl/cert.pem",
    ]
    return candidates.compactMap(\.self).first { access($0, R_OK) == 0 }
  }()
}
