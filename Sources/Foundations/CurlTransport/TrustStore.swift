#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Finds the CA bundle at run time, because a path compiled in on one distribution is wrong on another.
enum TrustStore {
  /// `SSL_CERT_FILE`, else the usual RHEL and Debian paths; nil uses libcurl's default.
  static let path: String? = {
    // Used unchecked: if the file can't be read, every server is refused instead of trusting another bundle.
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
