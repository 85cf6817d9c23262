import Foundation
import HTTPClient
import Sandbox
import TestSupport
import Testing

@testable import AWSClient

private let settings = AWSSettings(
  region: "eu-west-1", credentials: AWSCredentials(accessKeyID: "AKID", secretAccessKey: "planted-secret"))

@Suite struct AWSSettingsTests {
  private func settings(_ variables: [String: String], files: [String: String] = [:]) -> AWSSettings? {
    AWSSettings(variable: { variables[$0] }, readFile: { files[$0] })
  }

  @Test func readsTheEnvironmentFirst() throws {
    let found = try #require(
      settings(
        [
          "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T", "AWS_REGION": "eu-north-1",
          "AWS_ENDPOINT_URL": "http://one/", "AWS_ENDPOINT_URL_S3": "http://two", "HOME": "/home/x",
        ], files: ["/home/x/.aws/credentials": "[default]\naws_access_key_id=B\naws_secret_access_key=C\n"]))
    #expect(found.credentials == AWSCredentials(accessKeyID: "A", secretAccessKey: "S", sessionToken: "T"))
    #expect(found.region == "eu-north-1")
    #expect(found.dynamoDBEndpoint == "http://one")
    #expect(found.s3Endpoint == "http://two")
  }

  @Test func readsAProfile() throws {
    let credentials = """
      [default]
      aws_access_key_id = D
      aws_secret_access_key = DS

      # a comment
      [ team ]
      aws_access_key_id = T
      aws_secret_access_key = a/b+c==
      aws_session_token=TT
      """
    let files = [
      "/home/x/.aws/credentials": credentials,
      "/home/x/.aws/config": "[profile team]\nregion = us-west-2\ns3 =\n  a = b\n",
    ]
    let team = try #require(settings(["HOME": "/home/x", "AWS_PROFILE": "team"], files: files))
    #expect(team.credentials == AWSCredentials(accessKeyID: "T", secretAccessKey: "a/b+c==", sessionToken: "TT"))
    #expect(team.region == "us-west-2")
    #expect(settings(["HOME": "/home/x"], files: files)?.credentials.accessKeyID == "D")
    #expect(settings(["HOME": "/home/x"], files: files)?.region == "eu-west-1")
    #expect(settings(["HOME": "/home/x", "AWS_PROFILE": "other"], files: files) == nil)
  }

  @Test func isOffWithoutCredentials() { #expect(settings(["AWS_REGION": "eu-west-1"]) == nil) }
}

@Suite struct DynamoDBTests {
  private func database(_ transport: ScriptedTransport) -> DynamoDB {
    DynamoDB(settings: settings, transport: transport, time: VirtualTime().source)
  }

  @Test func sendsWhatIsDocumented() async throws {
    let transport = ScriptedTransport { _ in .json("{}") }
    try await database(transport).put(
      ["pk": .string("a"), "n": .number(1), "d": .number(0.5), "m": .map(["ok": .bool(true)]), "none": .null],
      in: "table")
    let request = try #require(transport.requests.first)
    #expect(request.url == "https://dynamodb.eu-west-1.amazonaws.com/")
    #expect(request.headers["X-Amz-Target"] == "DynamoDB_20120810.PutItem")
    #expect(request.headers["Content-Type"] == "application/x-amz-json-1.0")
    #expect(
      request.text
        == #"{"Item":{"d":{"N":"0.5"},"m":{"M":{"ok":{"BOOL":true}}},"n":{"N":"1"},"none":{"NULL":true},"pk":{"S":"a"}},"TableName":"table"}"#
    )
  }

  /// Throttles come as 400 and are told by their type; each try has a signature of its own.
  @Test func repeatsThrottlesOnly() async throws {
    let time = VirtualTime()
    let answers = Lock([
      HTTPResponse.json(
        #"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException:http://x"}"#, status: 400),
      .json("{}", status: 500), .json("{}"),
    ])
    let transport = ScriptedTransport { _ in
      time.advance(by: .seconds(1))
      return answers.withLock { $0.removeFirst() }
    }
    try await DynamoDB(settings: settings, transport: transport, time: time.source).put(["pk": .string("a")], in: "t")
    #expect(transport.requests.count == 3)
    #expect(Set(transport.requests.compactMap { $0.headers["X-Amz-Date"] }).count == 3)
  }

  @Test(arguments: ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])
  func tellsARefusal(_ code: String) async throws {
    let transport = ScriptedTransport { _ in
      .json(
        #"{"__type":"com.amazon.coral.service#\#(code)","message":"planted-secret"}"#, status: 400,
        headers: ["x-amzn-RequestId": "R1"])
    }
    let error = await #expect(throws: AWSError.self) {
      try await database(transport).put(["pk": .string("a")], in: "t")
    }
    #expect(error?.code == code)
    #expect(error?.requestID == "R1")
    #expect("\(try #require(error))".contains("planted") == false)
    #expect(transport.requests.count == 1)
  }

  @Test func repeatsUnprocessedItemsAndWritesEqualKeysOnce() async throws {
    let calls = Lock(0)
    let transport = ScriptedTransport { request in
      let call = calls.withLock { count in
        count += 1
        return count
      }
      guard call == 1 else { return .json(#"{"UnprocessedItems":{}}"#) }
      #expect(request.text.contains(#""N":"2""#) && !request.text.contains(#""N":"1""#))
      return .json(#"{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"pk":{"S":"b"}}}}]}}"#)
    }
    try await database(transport).write(
      [["pk": .string("a"), "v": .number(1)], ["pk": .string("b")], ["pk": .string("a"), "v": .number(2)]], in: "t",
      keyNames: ["pk"])
    #expect(transport.requests.count == 2)
    #expect(transport.requests[1].text.contains(#""pk":{"S":"b"}"#))
    #expect(!transport.requests[1].text.contains(#""pk":{"S":"a"}"#))
  }

  @Test func followsPages() async throws {
    let transport = ScriptedTransport { request in
      request.text.contains("ExclusiveStartKey")
        ? .json(#"{"Items":[{"pk":{"S":"2"}}]}"#)
        : .json(#"{"Items":[{"pk":{"S":"1"}}],"LastEvaluatedKey":{"pk":{"S":"1"}}}"#)
    }
    let items = try await database(transport).query(
      DynamoDBExpression("pk = :p", values: [":p": .string("x")]), in: "t")
    #expect(items.compactMap { $0["pk"]?.text } == ["1", "2"])
  }
}

@Suite struct S3BucketTests {
  @Test func addressesBucketsAsAWSDoes() async throws {
    let transport = ScriptedTransport { _ in HTTPResponse(status: 200) }
    for name in ["plain", "with.dots"] {
      try await S3Bucket(name, settings: settings, transport: transport).put(
        [1], at: "a b/ü.csv", contentType: "text/csv")
    }
    var local = settings
    local.s3Endpoint = "http://127.0.0.1:1"
    try await S3Bucket("plain", settings: local, transport: transport).put([1], at: "k", contentType: "text/csv")
    #expect(
      transport.requests.map(\.url) == [
        "https://plain.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC.csv",
        "https://s3.eu-west-1.amazonaws.com/with.dots/a%20b/%C3%BC.csv", "http://127.0.0.1:1/plain/k",
      ])
  }

  @Test func listsPageAfterPage() async throws {
    let transport = ScriptedTransport { request in
      let isSecond = request.url.contains("continuation-token=a%2Bb%3D")
      let body =
        isSecond
        ? "<R><IsTruncated>false</IsTruncated><Contents><Key>c</Key></Contents></R>"
        : "<R><IsTruncated>true</IsTruncated><NextContinuationToken>a+b=</NextContinuationToken><Contents><Key>a%20b</Key></Contents><Contents><Key>b+&amp;</Key></Contents></R>"
      return HTTPResponse(status: 200, body: Array(body.utf8))
    }
    let keys = try await S3Bucket("b", settings: settings, transport: transport).keys(under: "x/")
    #expect(keys == ["a b", "b &", "c"])
  }

  @Test func tellsAMissingObjectFromARefusal() async throws {
    func bucket(_ code: String, _ status: Int) -> S3Bucket {
      S3Bucket(
        "b", settings: settings,
        transport: ScriptedTransport { _ in
          HTTPResponse(
            status: status, headers: ["x-amz-request-id": "R"], body: Array("<Error><Code>\(code)</Code></Error>".utf8))
        }, time: VirtualTime().source)
    }
    #expect(try await bucket("NoSuchKey", 404).object(at: "k") == nil)
    let error = await #expect(throws: AWSError.self) { try await bucket("NoSuchBucket", 404).object(at: "k") }
    #expect(error?.code == "NoSuchBucket")
    #expect(error?.requestID == "R")
  }
}
