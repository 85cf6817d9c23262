import CurlTransport
import Foundation
import HTTPClient
import Sandbox
import TestSupport
import Testing

/// The real job reads the sandbox through libcurl and real sockets, and connections fail in every possible way.
@Suite(.serialized) struct SocketFaultTests {
  /// Gives data requests a time limit of 250 ms instead of a minute, so that the tests are fast.
  private struct Impatient: HTTPTransport {
    let inner: any HTTPTransport
    let isData: @Sendable (HTTPRequest) -> Bool

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
      var request = request
      if isData(request) { request.timeout = .milliseconds(250) }
      return try await inner.send(request)
    }
  }

  private func world(_ vendor: Vendor, isImpatient: Bool) throws -> (FaultWorld, RawServer) {
    let curl = try CurlMultiTransport()
    let services = SandboxServices(world: .forFaults(), time: VirtualTime().source)
    let server = try RawServer(services)
    let faulty = try FaultWorld(
      services: services, base: server.base
    ) { _ -> any HTTPTransport in
      if isImpatient { return Impatient(inner: curl) { vendor.isData($0) } }
      return curl
    }
    return (faulty, server)
  }

  /// Faults that need no retry of ours. If a kept connection is dead, libcurl itself repeats the request.
  private static let harmless: [RawServer.Fault] = [.slowButWhole, .withoutLength, .resetBeforeHeaders]

  @Test(arguments: Vendor.allCases, RawServer.Fault.allCases)
  func aBrokenConnection(_ vendor: Vendor, _ fault: RawServer.Fault) async throws {
    // A retry does not help: an endless body exceeds the size limit again, and a slow Look is slow again.
    let isFinal =
      [.endlessBody, .decompressionBomb].contains(fault)
      || (vendor == .looker && [.hanging, .trickling].contains(fault))
    let (world, server) = try world(vendor, isImpatient: [.hanging, .trickling].contains(fault))
    defer {
      server.stop()
      world.remove()
    }
    server.set(fault, times: 2) { vendor.isData($0) }
    let baseline = try await undisturbed.value
    let answer = try await world.run()
    #expect(server.hits > 0)
    if isFinal {
      #expect(answer.status == .partial, "\(answer.sources)")
      #expect(answer.sources[vendor.rawValue]?.error?.isEmpty == false)
    } else {
      #expect(answer.status == .succeeded, "\(answer.sources) \(answer.warnings)")
      if !Self.harmless.contains(fault) { #expect(answer.sources[vendor.rawValue]?.retries ?? 0 > 0) }
      #expect(try world.snapshots() == baseline.snapshots)
    }
    #expect(Set(world.records.compactMap { $0["Health_Score_Key__c"] }).count == world.records.count)
    // The broken connections do not disturb the next run.
    server.set(nil, times: 0) { _ in false }
    let next = try await world.run()
    #expect(next.status == .succeeded)
    #expect(try world.snapshots() == baseline.snapshots)
  }

  @Test(arguments: Vendor.allCases) func aVendorThatNobodyListensFor(_ vendor: Vendor) async throws {
    let (unreachable, server) = try world(vendor, isImpatient: false)
    unreachable.remove()
    server.stop()
    let names: [Vendor: String] = [
      .intercom: "INTERCOM_BASE_URL", .jira: "JIRA_BASE_URL", .looker: "LOOKER_BASE_URL", .salesforce: "SF_LOGIN_URL",
    ]
    let (reachable, open) = try world(vendor, isImpatient: false)
    defer {
      open.stop()
      reachable.remove()
    }
    let curl = try CurlMultiTransport()
    let alone = try FaultWorld(
      services: reachable.services, environment: [names[vendor, default: ""]: server.base], base: open.base
    ) { _ in curl }
    defer { alone.remove() }
    let answer = try await alone.run(#"{"dry_run":true}"#)
    #expect(answer.status == .partial)
    let report = try #require(answer.sources[vendor.rawValue])
    #expect(report.status == .failed && report.retries == 4, "\(report)")
    #expect(report.error?.contains("got no answer after 5 attempts") == true, "\(report.error ?? "")")
  }

  /// The job follows no redirect, so it sends no credentials to another host.
  @Test(arguments: Vendor.allCases) func noRedirectIsFollowed(_ vendor: Vendor) async throws {
    let (world, server) = try world(vendor, isImpatient: false)
    defer {
      server.stop()
      world.remove()
    }
    let elsewhere = try RawServer(world.services)
    defer { elsewhere.stop() }
    elsewhere.set(.garbage, times: .max) { _ in true }
    world.transport.set(nil, at: vendor)
    for status in [301, 302, 307, 308] {
      world.transport.set(
        .status(status, ["Location": elsewhere.base + "/\(vendor.rawValue)/"], attempts: .max, outcome: .sourceFails),
        at: vendor)
      let answer = try await world.run(#"{"dry_run":true}"#)
      #expect(answer.status == .partial)
    }
    // The transport itself does not follow it either.
    let response = try await CurlMultiTransport().send(
      HTTPRequest(.get, server.base + "/redirect", headers: ["Authorization": "Bearer secret"]))
    #expect(response.status == 404)
    #expect(elsewhere.hits == 0)
  }
}
