import Foundation
import HTTPClient
import HealthConfiguration
import Sandbox
import TestSupport
import Time

/// A world that is small enough to run hundreds of times, and large enough for slices, pages and all oddities of the
/// sandbox. Its transport injects faults.
typealias FaultWorld = TestWorld<FaultyTransport>

extension SandboxWorld {
  /// The accounts of a world for faults.
  static let faultAccounts = 20

  static func forFaults() -> SandboxWorld {
    SandboxWorld(accounts: faultAccounts, period: Period(year: 2026, month: 10), conversationsPerAccount: 16)
  }
}

extension TestWorld where Transport == FaultyTransport {
  /// - Parameters:
  ///   - services: Nil for new ones.
  ///   - clock: Nil for the world's own `time`, which every wait moves.
  ///   - make: Makes the transport that sends requests to the services.
  init(
    services: SandboxServices? = nil, environment changes: [String: String] = [:], bulkAbove: Int = 2000,
    clock: TimeSource? = nil, base: String = ScriptedTransport.sandboxBase,
    transport make: (SandboxServices) -> any HTTPTransport = { ScriptedTransport.sandbox($0) }
  ) throws {
    let time = VirtualTime()
    let services = services ?? SandboxServices(world: .forFaults(), time: clock ?? time.source)
    let root = try Shipped.temporaryFolder()
    self.init(
      services: services, transport: FaultyTransport(make(services)), time: time, clock: clock,
      root: root, configuration: try services.world.writeConfiguration(to: root, bulkAbove: bulkAbove),
      environment: changes,
      base: base)
  }
}

extension SandboxWorld {
  /// Writes the shipped configuration, with the world's own mapping, to a folder and returns the folder's path.
  func writeConfiguration(to folder: String, bulkAbove: Int = 2000) throws -> String {
    for name in [ConfigurationFiles.weightsName, ConfigurationFiles.thresholdsName, ConfigurationFiles.sourcesName] {
      let text = String(decoding: try Shipped.monthlyBytes(name), as: UTF8.self)
        .replacing("bulk_above: 2000", with: "bulk_above: \(bulkAbove)")
      try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    // A machine that runs all tests at once has no time for so many connections of one process.
    let customers = String(decoding: try Shipped.bytes("customers.yaml"), as: UTF8.self)
      .replacing("write_concurrency: 128", with: "write_concurrency: 16")
    try Data(customers.utf8).write(to: URL(filePath: "\(folder)/customers.yaml"))
    try Data(mapping.utf8).write(to: URL(filePath: "\(folder)/\(ConfigurationFiles.mappingName)"))
    return folder
  }
}

/// The result of a run without faults. It is made once, since it is always the same.
let undisturbed = Task {
  let world = try FaultWorld()
  defer { world.remove() }
  let answer = try await world.run()
  return (snapshots: try world.snapshots(), answer: answer)
}
