// swift-tools-version:6.2
import PackageDescription

let foundationFree: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: foundationFree)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: foundationFree)
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "health-score-middleware",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "bootstrap", targets: ["bootstrap"]),
    .executable(name: "healthscore", targets: ["healthscore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
  ],
  targets: [
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),

    // Lets a binary that was built on a newer glibc load on Amazon Linux 2023's.
    .target(name: "CGlibcCompatibility"),

    module("HealthModel"),
    module("Scoring", ["HealthModel"]),
    module("HTTPClient"),
    module("CurlTransport", ["HTTPClient", "CCurl"]),
    module("AWSClient", ["HTTPClient", .product(name: "Crypto", package: "swift-crypto")]),
    module("Intercom", ["HTTPClient", "HealthModel"]),
    module("Jira", ["HTTPClient", "HealthModel"]),
    module("Looker", ["HTTPClient", "HealthModel"]),
    module("Salesforce", ["HTTPClient", "HealthModel"]),
    module("Notifications", ["HTTPClient", "HealthModel"]),
    module("Snapshots", ["AWSClient", "HTTPClient", "HealthModel"]),
    module("YAML", ["CYAML"]),
    module(
      "HealthConfiguration",
      ["AWSClient", "HTTPClient", "HealthModel", "Intercom", "Jira", "Looker", "Salesforce", "Scoring", "YAML"]),
    module(
      "Jobs",
      [
        "AWSClient", "HealthConfiguration", "HTTPClient", "HealthModel", "Intercom", "Jira", "Looker", "Notifications",
        "Salesforce", "Scoring", "Snapshots", logging,
      ]),
    module("LambdaRuntime", ["HTTPClient", logging]),
    module(
      "Sandbox",
      [
        "HTTPClient", "HealthModel", .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "NIOCore", package: "swift-nio"),
        logging,
      ]),

    .executableTarget(
      name: "bootstrap",
      dependencies: [
        "CGlibcCompatibility", "CurlTransport", "HTTPClient", "HealthConfiguration", "Jobs", "LambdaRuntime", logging,
      ],
      swiftSettings: foundationFree),
    .executableTarget(
      name: "healthscore",
      dependencies: [
        "HealthConfiguration", "CurlTransport", "HTTPClient", "HealthModel", "Jobs", "Sandbox", "Scoring", "Snapshots",
        logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: foundationFree),

    // What scripts/bench measures; in no product.
    .executableTarget(
      name: "bench",
      dependencies: [
        "CurlTransport", "HTTPClient", "HealthConfiguration", "HealthModel", "Intercom", "LambdaRuntime", "Salesforce",
        "Scoring", logging,
      ],
      swiftSettings: foundationFree),

    .target(
      name: "TestSupport", dependencies: ["HTTPClient", "HealthConfiguration", "HealthModel", "Sandbox", "Snapshots"],
      path: "Tests/TestSupport", swiftSettings: foundationFree),
    tests("ScoringTests", ["Scoring", "HealthModel", "Snapshots", "TestSupport"]),
    tests("HTTPClientTests", ["HTTPClient", "TestSupport"]),
    tests("AWSClientTests", ["AWSClient", "HTTPClient", "Sandbox", "TestSupport"]),
    tests("NotificationsTests", ["Notifications", "HTTPClient", "HealthModel", "TestSupport"]),
    tests("CurlTransportTests", ["CurlTransport", "HTTPClient", "HealthModel", "Sandbox"]),
    tests("HealthConfigurationTests", ["HealthConfiguration", "HealthModel", "TestSupport"]),
    tests(
      "VendorTests",
      [
        "HTTPClient", "HealthConfiguration", "HealthModel", "Intercom", "Jira", "Looker", "Salesforce", "TestSupport",
      ]),
    tests("SandboxTests", ["Sandbox", "HTTPClient", "HealthModel", "TestSupport"]),
    tests("LambdaRuntimeTests", ["LambdaRuntime", "HTTPClient", logging]),
    tests(
      "FaultTests",
      [
        "CurlTransport", "HTTPClient", "HealthConfiguration", "HealthModel", "Jobs", "Sandbox", "Snapshots",
        "TestSupport", logging,
      ]),
    tests(
      "FuzzTests",
      [
        "AWSClient", "HTTPClient", "HealthConfiguration", "HealthModel", "Intercom", "Jira", "Jobs", "Looker",
        "Salesforce", "Sandbox", "TestSupport",
      ]),
    tests(
      "JobsTests",
      [
        "Jobs", "HealthConfiguration", "HTTPClient", "HealthModel", "Salesforce", "Scoring", "Snapshots", "Sandbox",
        "TestSupport", logging,
      ]),
  ],
  swiftLanguageModes: [.v6]
)
