// Measurements of single parts for scripts/bench: one per call, its figures as a line of JSON on stdout.

import Formats
import FoundationEssentials
import HealthConfiguration
import HealthJob
import HealthSources

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// CPU seconds of this process.
func cpuSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Repeats `body`, which returns how many units it did, for at least one CPU second.
///
/// - Returns: Units per CPU second.
func rate(of body: () async throws -> Int) async rethrows -> Double {
  _ = try await body()
  let start = cpuSeconds()
  var units = 0
  while cpuSeconds() - start < 1 { units += try await body() }
  return Double(units) / (cpuSeconds() - start)
}

func report(_ figures: [String: Double]) throws {
  print(String(decoding: try JSONBody.encode(figures), as: UTF8.self))
}

func configuration() throws -> HealthScoreConfiguration {
  try HealthScoreConfiguration(ConfigurationFiles(folder: "config"))
}

switch CommandLine.arguments.dropFirst().first {
case "loop": try Loop.run()
case "score": try await report(ScoringRate.measure(configuration().scoring))
case "decode": try await report(Pages.measure())
case "load": try await report(Loading.measure(configuration().rules[SalesforceSource.self]))
default:
  print("bench loop | score | decode | load; see scripts/bench")
  exit(2)
}
