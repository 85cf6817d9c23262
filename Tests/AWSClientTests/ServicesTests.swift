import Concurrency
import Foundation
import HTTPClient
import TestSupport
import Testing

@testable import AWSClient

private let settings = AWSSettings(
  region: "eu-west-1", credentials: AWSCredentials(accessKeyID: "AKID", secretAccessKey: "planted-secret"))

@Suite struct AWSSettingsTests {
  private func settings(_ variables: [String: String], files: [String: String] = [:]) throws -> AWSSettings? {
    try AWSSettings(variable: { variables[$0] }, readFile: { files[$0] })
  }

  private func keys(_ settings: AWSSettings?) -> AWSCredentials? {
    if case .keys(let keys)? = settings?.identity { keys } else { nil }
  }

  @Test func readsTheEnvironmentFirst() throws {
    let found = try #require(
      try settings(
        [
          "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "S", "AWS_SESSION_TOKEN": "T", "AWS_REGION": "eu-north-1",
          "AWS_ENDPOINT_URL": "http://one/", "AWS_ENDPOINT_URL_S3": "http://two", "HOME": "/home/x",
        ], files: ["/home/x/.aws/credentials": "[default]\naws_access_key_id=B\naws_secret_access_key=C\n"]))
    #expect(keys(found) == AWSCredentials(accessKeyID: "A", secretAccessKey: "S", sessionToken: "T"))
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
    let team = try #require(try settings(["HOME": "/home/x", "AWS_PROFILE": "team"], files: files))
    #expect(keys(team) == AWSCredentials(accessKeyID: "T", secretAccessKey: "a/b+c==", sessionToken: "TT"))
    #expect(team.region == "us-west-2")
    #expect(try keys(settings(["HOME": "/home/x"], files: files))?.accessKeyID == "D")
    #expect(try settings(["HOME": "/home/x"], files: files)?.region == "eu-west-1")
    #expect(throws: AWSIdentityError.self) {
      try settings(["HOME": "/home/x", "AWS_PROFILE": "other"], files: files)
    }
  }

  @Test func isOffWithoutCredentials() throws { #expect(try settings(["AWS_REGION": "eu-west-1"]) == nil) }

  /// If a configured identity can't be used, the run stops and says why. It never silently uses another one.
  @Test(arguments: [
    (["AWS_ACCESS_KEY_ID": "x"], "AWS_SECRET_ACCESS_KEY"), (["AWS_SECRET_ACCESS_KEY": "x"], "AWS_ACCESS_KEY_ID"),
    (["AWS_PROFILE": "nobody"], "there is no profile 'nobody'"), (["AWS_PROFILE": "sso"], "SSO"),
    (["AWS_PROFILE": "web"], "web identity"), (["AWS_PROFILE": "mfa"], "mfa_serial"),
    (["AWS_PROFILE": "half"], "it needs both"), (["AWS_PROFILE": "loop"], "back to itself"),
    (["AWS_PROFILE": "lost"], "'gone' is not in"), (["AWS_PROFILE": "empty"], "has no credentials"),
    (["AWS_WEB_IDENTITY_TOKEN_FILE": "/x"], "AWS_WEB_IDENTITY_TOKEN_FILE"),
    (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://elsewhere.example/x"], "loopback"),
    (["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "eu-west-1a"], "AWS_REGION"),
    (["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-iso-east-1"], "AWS_ENDPOINT_URL"),
  ])
  func whatIsSetAndUnusableIsRefused(_ variables: [String: String], _ expected: String) throws {
    let files = [
      "/h/.aws/credentials":
        "[half]\naws_access_key_id=K\n[base]\naws_access_key_id=K\naws_secret_access_key=S\n",
      "/h/.aws/config": """
      [profile sso]
      sso_session = x
      [profile web]
      role_arn = arn:aws:iam::123456789012:role/r
      web_identity_token_file = /x
      [profile mfa]
      role_arn = arn:aws:iam::123456789012:role/r
      source_profile = base
      mfa_serial = arn:aws:iam::123456789012:mfa/x
      [profile loop]
      role_arn = arn:aws:iam::123456789012:role/r
      source_profile = loop2
      [profile loop2]
      role_arn = arn:aws:iam::123456789012:role/r
      source_profile = loop
      [profile lost]
      role_arn = arn:aws:iam::123456789012:role/r
      source_profile = gone
      [profile empty]
      output = json
      """,
    ]
    let all = variables.merging(["HOME": "/h"]) { $1 }
    let error = #expect(throws: AWSIdentityError.self) { try settings(all, files: files) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func aProfilesKeysComeFromOnePlaceTogether() throws {
    let files = [
      "/h/.aws/credentials": "\u{FEFF}[default]\naws_access_key_id=K\naws_secret_access_key=S\n",
      "/h/.aws/config": "[profile default]\naws_session_token=old\nregion=ca-central-1\n",
    ]
    let found = try #require(try settings(["HOME": "/h"], files: files))
    #expect(keys(found) == AWSCredentials(accessKeyID: "K", secretAccessKey: "S"))
    #expect(found.region == "ca-central-1")
  }

  @Test func aQuotedProfileIsFound() throws {
    let files = ["/h/.aws/config": "[profile \"my team\"]\naws_access_key_id=K\naws_secret_access_key=S\n"]
    #expect(try keys(settings(["HOME": "/h", "AWS_PROFILE": "my team"], files: files))?.accessKeyID == "K")
  }

  /// The base user's keys request the role's keys from STS. Only the role's keys sign the other requests.
  @Test func aRoleIsTakenOn() async throws {
    let files = [
      "/h/.aws/credentials": "[base]\naws_access_key_id=BASE\naws_secret_access_key=S\n",
      "/h/.aws/config":
        "[profile ops]\nrole_arn=arn:aws:iam::123456789012:role/ops\nsource_profile=base\nexternal_id=e1\nregion=eu-west-1\n",
    ]
    let settings = try #require(try settings(["HOME": "/h", "AWS_PROFILE": "ops"], files: files))
    let transport = ScriptedTransport { request in
      guard request.url.hasPrefix("https://sts.") else { return .json("{}") }
      return .json(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>RS</SecretAccessKey><SessionToken>RT</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
      )
    }
    let database = DynamoDB(settings: settings, transport: transport, time: VirtualTime().source)
    try await database.put(["pk": .string("a")], in: "t")
    try await database.put(["pk": .string("b")], in: "t")
    let calls = transport.requests
    #expect(calls.count == 3, "the role is taken on once")
    #expect(calls[0].url == "https://sts.eu-west-1.amazonaws.com/")
    #expect(calls[0].headers["Authorization"]?.contains("Credential=BASE/") == true)
    #expect(
      calls[0].text.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fops")
        && calls[0].text.contains("ExternalId=e1"))
    for call in calls.dropFirst() {
      #expect(call.headers["Authorization"]?.contains("Credential=ROLE/") == true)
      #expect(call.headers["X-Amz-Security-Token"] == "RT")
    }
  }

  @Test func aContainersServiceIsAsked() async throws {
    let settings = try #require(
      try settings([
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "tok",
      ]))
    let transport = ScriptedTransport { request in
      request.url == "http://169.254.170.2/v2/credentials/x"
        ? .json(#"{"AccessKeyId":"TASK","SecretAccessKey":"S","Token":"T","Expiration":"2030-01-01T00:00:00Z"}"#)
        : .json("{}")
    }
    try await DynamoDB(settings: settings, transport: transport, time: VirtualTime().source).put(
      ["pk": .string("a")], in: "t")
    #expect(transport.requests[0].headers["Authorization"] == "tok")
    #expect(transport.requests[1].headers["Authorization"]?.contains("Credential=TASK/") == true)
  }

  @Test func aWrongClockIsNamed() async throws {
    let transport = ScriptedTransport { _ in
      .json(
        #"{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}"#, status: 400,
        headers: ["Date": "Sun, 01 Nov 2026 06:20:00 GMT"])
    }
    let settings = AWSSettings(
      region: "eu-west-1", credentials: AWSCredentials(accessKeyID: "AKID", secretAccessKey: "s"))
    let error = await #expect(throws: AWSError.self) {
      try await DynamoDB(settings: settings, transport: transport, time: VirtualTime("2026-11-01T06:00:00Z").source)
        .put(
          ["pk": .string("a")], in: "t")
    }
    #expect(error?.description.contains("20 minutes slow") == true, "\(error?.description ?? "")")
  }

  /// S3 reports this timeout with status 400, so the error code decides that a retry helps.
  @Test func aRequestThatTimedOutInS3IsRepeated() async throws {
    let answers = Lock([
      HTTPResponse(status: 400, body: Array("<Error><Code>RequestTimeout</Code></Error>".utf8)),
      HTTPResponse(status: 200),
    ])
    let transport = ScriptedTransport { _ in answers.withLock { $0.removeFirst() } }
    let settings = AWSSettings(
      region: "eu-west-1", credentials: AWSCredentials(accessKeyID: "AKID", secretAccessKey: "s"))
    try await S3Bucket("b-1", settings: settings, transport: transport, time: VirtualTime().source).put(
      [1], at: "k", contentType: "text/plain")
    #expect(transport.requests.count == 2)
  }

  @Test func aBucketOfAnotherRegionSaysWhich() async throws {
    let transport = ScriptedTransport { _ in
      HTTPResponse(
        status: 301, headers: ["x-amz-bucket-region": "eu-central-1"],
        body: Array("<Error><Code>PermanentRedirect</Code></Error>".utf8))
    }
    let settings = AWSSettings(
      region: "eu-west-1", credentials: AWSCredentials(accessKeyID: "AKID", secretAccessKey: "s"))
    let error = await #expect(throws: AWSError.self) {
      try await S3Bucket("b-1", settings: settings, transport: transport, time: VirtualTime().source).put(
        [1], at: "k", contentType: "text/plain")
    }
    #expect(error?.description.contains("is in eu-central-1, the requests go to eu-west-1") == true)
  }

  @Test func aServiceOutOfReachIsNamed() async throws {
    let transport = ScriptedTransport { _ in throw TransportError(.connect, "Couldn't connect to server") }
    let settings = AWSSettings(
      region: "eu-west-1", credentials: AWSCredentials(accessKeyID: "AKID", secretAccessKey: "s"))
    let error = await #expect(throws: RequestFailure.self) {
      try await DynamoDB(settings: settings, transport: transport, time: VirtualTime().source).put(
        ["pk": .string("a")], in: "t")
    }
    #expect(error?.description.contains("PutItem on t (DynamoDB, dynamodb.eu-west-1.amazonaws.com)") == true)
  }

  @Test func aProgramMayPrintCredentials() async throws {
    let files = [
      "/h/.aws/config":
        "[default]\ncredential_process = printf '{\"Version\":1,\"AccessKeyId\":\"PROC\",\"SecretAccessKey\":\"S\"}'\n"
    ]
    let settings = try #require(try settings(["HOME": "/h"], files: files))
    let transport = ScriptedTransport { _ in .json("{}") }
    try await DynamoDB(settings: settings, transport: transport, time: VirtualTime().source).put(
      ["pk": .string("a")], in: "t")
    #expect(transport.requests[0].headers["Authorization"]?.contains("Credential=PROC/") == true)
  }
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

  /// DynamoDB reports throttling with status 400, so the error type decides. Every attempt is signed again.
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
