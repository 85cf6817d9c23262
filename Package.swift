// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

// The folders of Sources/ are the architecture: a module imports from folders above its own, or from modules before it in
// its own folder. Folders and modules stand here in that order.

func module(
  _ name: String, in folder: String, _ dependencies: [Target.Dependency] = [], isOptimizedForSize: Bool = false
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)",
    swiftSettings: settings + (isOptimizedForSize ? [.unsafeFlags(["-Osize"], .when(configuration: .release))] : []))
}

/// A module that waits for others most of its time: its size counts, since the function is loaded at each cold start.
func smallModule(_ name: String, in folder: String, _ dependencies: [Target.Dependency] = []) -> Target {
  module(name, in: folder, dependencies, isOptimizedForSize: true)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies, path: "Sources/Products/\(name)", swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
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
    .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
  ],
  targets: [
    .systemLibrary(
      name: "CCurl", path: "Sources/System/CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
      name: "CYAML", path: "Sources/System/CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    // Lets a binary that was built on a newer glibc load on Amazon Linux 2023's.
    .target(name: "CGlibcCompatibility", path: "Sources/System/CGlibcCompatibility"),

    module("Formats", in: "Foundations", []),
    module("Time", in: "Foundations", ["Formats"]),
    module("Concurrency", in: "Foundations", []),
    module("YAML", in: "Foundations", ["CYAML"]),
    smallModule("ConfigurationReading", in: "Foundations", ["Formats", "YAML"]),
    module("HTTPClient", in: "Foundations", ["Concurrency", "Formats", "Time"]),
    module("CurlTransport", in: "Foundations", ["CCurl", "Concurrency", "HTTPClient", "Time"]),
    smallModule(
      "AWSClient", in: "Foundations",
      ["Formats", "HTTPClient", "Time", .product(name: "Crypto", package: "swift-crypto")]),

    module("Connectors", in: "Vendors", ["Concurrency", "ConfigurationReading", "Formats", "HTTPClient", "Time"]),
    module("Intercom", in: "Vendors", ["ConfigurationReading", "Connectors", "Formats", "HTTPClient"]),
    smallModule("Jira", in: "Vendors", ["ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time"]),
    smallModule("Looker", in: "Vendors", ["ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time"]),
    module(
      "Salesforce", in: "Vendors",
      ["Concurrency", "ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time"]),
    smallModule("BILL", in: "Vendors", ["ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time"]),
    smallModule(
      "BigQuery", in: "Vendors",
      [
        "ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time",
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
    smallModule("HubSpot", in: "Vendors", ["ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time"]),
    smallModule("SimpleFIN", in: "Vendors", ["ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time"]),
    smallModule("Smartlead", in: "Vendors", ["ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time"]),
    smallModule("Zendesk", in: "Vendors", ["ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time"]),

    smallModule(
      "Runs", in: "Runs", ["AWSClient", "ConfigurationReading", "Connectors", "Formats", "HTTPClient", "Time", logging]),

    module("HealthModel", in: "Health", ["Formats", "Time"]),
    module("Scoring", in: "Health", ["Formats", "HealthModel", "Time"]),
    module(
      "Insight", in: "Health",
      [
        "Concurrency", "Formats", "HealthModel", "Scoring", "Time",
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    smallModule(
      "HealthConfiguration", in: "Health", ["ConfigurationReading", "Formats", "HealthModel", "Scoring", "YAML"]),
    smallModule(
      "Snapshots", in: "Health",
      [
        "AWSClient", "Concurrency", "ConfigurationReading", "Formats", "HealthConfiguration", "HealthModel", "Insight",
        "Runs", "Scoring", "Time",
      ]),
    module(
      "HealthSources", in: "Health",
      [
        "Concurrency", "ConfigurationReading", "Connectors", "Formats", "HTTPClient", "HealthConfiguration",
        "HealthModel", "Insight", "Intercom", "Jira", "Looker", "Runs", "Salesforce", "Time",
      ]),
    smallModule(
      "HealthJob", in: "Health",
      [
        "AWSClient", "Concurrency", "ConfigurationReading", "Connectors", "Formats", "HTTPClient",
        "HealthConfiguration", "HealthModel", "HealthSources", "Insight", "Runs", "Salesforce", "Scoring", "Snapshots",
        "Time", logging,
      ]),

    module("CustomerModel", in: "Customers", ["Formats", "Time"]),
    smallModule(
      "CustomerTable", in: "Customers",
      ["AWSClient", "Concurrency", "CustomerModel", "Formats", "Runs", "Time"]),
    smallModule(
      "CustomerJob", in: "Customers",
      [
        "AWSClient", "Concurrency", "ConfigurationReading", "Connectors", "CustomerModel", "CustomerTable", "Formats",
        "HTTPClient", "Intercom", "Runs", "Time", logging,
      ]),

    smallModule("CardModel", in: "Cards", ["Formats", "Time"]),
    smallModule(
      "CardSources", in: "Cards",
      [
        "AWSClient", "BILL", "BigQuery", "CardModel", "Connectors", "Formats", "HTTPClient", "HubSpot", "Intercom",
        "SimpleFIN", "Smartlead", "Time", "Zendesk",
      ]),
    smallModule(
      "CardJob", in: "Cards",
      [
        "AWSClient", "BILL", "BigQuery", "CardModel", "CardSources", "Concurrency", "ConfigurationReading",
        "Connectors",
        "Formats", "HTTPClient", "HubSpot", "Intercom", "Runs", "SimpleFIN", "Smartlead", "Time", "Zendesk",
      ]),

    module(
      "Identity", in: "Identity", ["Formats", .product(name: "RealModule", package: "swift-numerics")]),

    module(
      "AccountLinking", in: "Identity",
      [
        "ConfigurationReading", "Connectors", "Formats", "HTTPClient", "HealthConfiguration", "HealthModel",
        "HealthSources", "Identity", "Intercom", "Jira", "Looker", "Salesforce", "Time",
      ]),

    module("Jobs", in: "Products", ["CardJob", "CustomerJob", "HealthJob", "Runs"]),
    module("LambdaRuntime", in: "Products", ["Concurrency", "Formats", "HTTPClient", logging]),
    module(
      "Sandbox", in: "Products",
      [
        "Concurrency", "Formats", "HTTPClient", "HealthModel", "Time",
        .product(name: "CryptoExtras", package: "swift-crypto"), .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "NIOCore", package: "swift-nio"), logging,
      ]),
    executable(
      "bootstrap",
      ["CGlibcCompatibility", "ConfigurationReading", "CurlTransport", "Jobs", "LambdaRuntime", "Runs", logging]),
    executable(
      "healthscore",
      [
        "AWSClient", "AccountLinking", "CardJob", "CardModel", "Concurrency", "Connectors", "ConfigurationReading",
        "CurlTransport", "CustomerJob", "CustomerModel", "Formats",
        "HTTPClient", "HealthConfiguration", "HealthJob", "HealthModel", "HealthSources", "Identity", "Insight", "Jobs",
        "Runs",
        "Salesforce", "Sandbox", "Scoring", "SimpleFIN", "Snapshots", "Time", logging,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // What scripts/bench measures; in no product.
    executable(
      "bench",
      [
        "Concurrency", "CurlTransport", "Formats", "HTTPClient", "HealthConfiguration", "HealthJob", "HealthModel",
        "HealthSources", "Intercom", "LambdaRuntime", "Salesforce", "Scoring", "Time", logging,
      ]),

    .target(
      name: "TestSupport",
      dependencies: [
        "CardJob", "CardModel", "Concurrency", "ConfigurationReading", "CurlTransport", "CustomerJob", "Formats",
        "HTTPClient", "HealthConfiguration", "HealthJob", "HealthModel", "Jobs", "Runs", "Sandbox", "Snapshots", "Time",
      ],
      path: "Tests/TestSupport", swiftSettings: settings),
    tests("ScoringTests", ["HealthModel", "Scoring", "TestSupport", "Time"]),
    tests(
      "InsightTests",
      [
        "Formats", "HealthConfiguration", "HealthJob", "HealthModel", "HealthSources", "Insight", "Scoring",
        "Snapshots", "TestSupport", "Time",
      ]),
    tests("HTTPClientTests", ["Concurrency", "Formats", "HTTPClient", "TestSupport", "Time"]),
    tests("AWSClientTests", ["AWSClient", "Concurrency", "Formats", "HTTPClient", "TestSupport"]),
    tests(
      "RunsTests",
      [
        "AWSClient", "ConfigurationReading", "HTTPClient", "HealthJob", "HealthModel", "Runs", "TestSupport", "Time",
        logging,
      ]),
    tests("CurlTransportTests", ["CurlTransport", "HTTPClient", "Sandbox", "TestSupport", "Time"]),
    tests("FormatsTests", ["Formats"]),
    tests("TimeTests", ["Time"]),
    tests("YAMLTests", ["YAML"]),
    tests(
      "ConnectorsTests", ["ConfigurationReading", "HTTPClient", "Intercom", "Jira", "Looker", "Runs", "Salesforce"]),
    tests("IntercomTests", ["Connectors", "HTTPClient", "Intercom", "TestSupport"]),
    tests("JiraTests", ["Connectors", "HTTPClient", "Jira", "TestSupport"]),
    tests("LookerTests", ["Connectors", "HTTPClient", "Looker", "TestSupport"]),
    tests("SalesforceTests", ["Concurrency", "Connectors", "HTTPClient", "Salesforce", "TestSupport"]),
    tests(
      "SnapshotsTests",
      ["ConfigurationReading", "Formats", "HealthModel", "Runs", "Scoring", "Snapshots", "TestSupport", "Time"]),
    tests("CustomerModelTests", ["CustomerModel", "Formats", "TestSupport", "Time"]),
    tests(
      "CustomerJobTests",
      [
        "Concurrency", "CustomerJob", "CustomerModel", "CustomerTable", "Formats", "HTTPClient", "Runs", "Sandbox",
        "TestSupport", "Time",
      ]),
    tests(
      "IdentityTests",
      [
        "AccountLinking", "ConfigurationReading", "Connectors", "Formats", "HTTPClient", "HealthConfiguration",
        "HealthJob", "HealthModel", "HealthSources", "Identity", "Sandbox", "TestSupport", "Time",
      ]),
    tests("CardModelTests", ["CardModel", "Formats", "Time"]),
    tests(
      "CardJobTests",
      [
        "BILL", "BigQuery", "CardJob", "CardModel", "Concurrency", "ConfigurationReading", "Connectors", "HTTPClient",
        "HubSpot", "Runs", "Sandbox", "SimpleFIN", "Smartlead", "TestSupport", "Time", "Zendesk",
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
    tests("CommandLineTests", ["TestSupport"]),
    tests(
      "HealthSourcesTests",
      [
        "Concurrency", "Connectors", "Formats", "HTTPClient", "HealthModel", "HealthSources", "Intercom", "Jira",
        "Looker", "Salesforce", "TestSupport", "Time",
      ]),
    tests("SandboxTests", ["Formats", "HTTPClient", "Sandbox", "TestSupport", "Time"]),
    tests("LambdaRuntimeTests", ["Concurrency", "HTTPClient", "LambdaRuntime", logging]),
    tests(
      "FaultTests",
      [
        "CardModel", "Concurrency", "ConfigurationReading", "CurlTransport", "CustomerJob", "Formats", "HTTPClient",
        "HealthConfiguration", "HealthJob", "HealthModel", "HealthSources", "Jobs", "Runs", "Sandbox", "Snapshots",
        "TestSupport", "Time",
        logging,
      ]),
    tests(
      "FuzzTests",
      [
        "AWSClient", "AccountLinking", "ConfigurationReading", "CustomerModel", "Formats", "HTTPClient",
        "HealthConfiguration", "Identity",
        "HealthJob", "Intercom", "Jira", "Jobs", "Looker", "Runs", "Salesforce", "Sandbox", "TestSupport", "Time",
      ]),
    tests(
      "HealthJobTests",
      [
        "AWSClient", "Concurrency", "ConfigurationReading", "Formats", "HTTPClient", "HealthConfiguration", "HealthJob",
        "HealthModel", "HealthSources", "Insight", "Jobs", "Runs", "Sandbox", "Scoring", "Snapshots", "TestSupport",
        "Time",
        logging,
      ]),
  ],
  swiftLanguageModes: [.v6]
)
