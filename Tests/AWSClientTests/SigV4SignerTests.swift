import Formats
import Foundation
import HTTPClient
import TestSupport
import Testing

@testable import AWSClient

/// A case of AWS's published test suite for Signature Version 4, with the expected result of each step.
private struct Vector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let method: String
  let target: String
  let headers: [[String]]
  let body: String
  let canonicalHash: String
  let signedHeaders: String
  let signature: String

  var testDescription: String { name }

  static func all() throws -> [Vector] {
    try Shipped.fixtureLines("aws/sigv4-vectors.jsonl").map { try JSONBody.decode(Vector.self, from: $0) }
  }

  var request: HTTPRequest {
    var fields: HTTPFields = [:]
    for header in headers where header[0].lowercased() != "host" { fields.append(header[0], header[1]) }
    return HTTPRequest(
      HTTPMethod(rawValue: method) ?? .get, "https://example.amazonaws.com\(target)", headers: fields,
      body: Array(body.utf8))
  }
}

@Suite struct SigV4SignerTests {
  private static let signer = SigV4Signer(
    credentials: AWSCredentials(
      accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    region: "us-east-1", service: "service")

  @Test func thereAreAllVectors() throws { #expect(try Vector.all().count == 34) }

  @Test(arguments: try Vector.all()) fileprivate func agreesWithTheVector(_ vector: Vector) {
    let canonical = CanonicalRequest(vector.request, keepsPath: false)
    #expect(canonical.signedHeaders == vector.signedHeaders)
    #expect(ContentHash.sha256(Array(canonical.text.utf8)) == vector.canonicalHash, "\(canonical.text)")
    let authorization = Self.signer.authorization(for: vector.request, SigningDate(text: "20150830T123600Z"))
    #expect(authorization.hasSuffix("Signature=\(vector.signature)"))
  }

  @Test func signsWithDateAndToken() {
    var signer = Self.signer
    signer.credentials.sessionToken = "token"
    let signed = signer.sign(
      HTTPRequest(.get, "https://example.amazonaws.com/"), at: .seconds(1_440_938_160) + .milliseconds(999))
    #expect(signed.headers["X-Amz-Date"] == "20150830T123600Z")
    #expect(signed.headers["X-Amz-Security-Token"] == "token")
    #expect(signed.headers["Authorization"]?.contains("SignedHeaders=host;x-amz-date;x-amz-security-token") == true)
    // Signing again replaces the old signature, so a retry has only one.
    #expect(signer.sign(signed, at: .seconds(1_440_938_160)).headers == signed.headers)
  }

  /// S3 needs the body's hash, and its paths are signed as they are sent. The expected signature is from botocore.
  @Test func signsS3AsBotocoreDoes() {
    var signer = Self.signer
    signer.service = "s3"
    signer.region = "eu-west-1"
    let signed = signer.sign(
      HTTPRequest(
        .put, "https://bucket.s3.eu-west-1.amazonaws.com/reports/a%20b/x.csv", headers: ["Content-Type": "text/csv"],
        body: Array("a,b\n".utf8)), at: .seconds(1_440_938_160))
    #expect(
      signed.headers["X-Amz-Content-SHA256"] == "5be08c9684a1d25efcee09318204824278b08bbfb4aef973ffefd0b9d7478313")
    #expect(
      signed.headers["Authorization"]?.hasSuffix(
        "Signature=bb7d34e1603a02ca1d5ff1b93efdb422d1dd5cab0c077765d2a6f94ede09948d") == true)
  }

  @Test func neverShowsTheSecret() {
    let text = "\(Self.signer.credentials) \(String(reflecting: Self.signer.credentials))"
    #expect(!text.contains("wJalr"))
  }
}
