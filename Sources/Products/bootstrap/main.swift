// The Lambda function: polls the Runtime API and runs the jobs. Wiring only.

import ConfigurationReading
import CurlTransport
import FoundationEssentials
import Jobs
import LambdaRuntime
import Logging
import Runs

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// Writing to a closed connection or pipe then returns an error and does not end the process.
signal(SIGPIPE, SIG_IGN)
// If this is set, libcurl writes the TLS keys of its connections to a file.
unsetenv("SSLKEYLOGFILE")

let environment = Environment(ProcessInfo.processInfo.environment)
let log = Logger(label: "health-score") { _ in StderrLogHandler(environment: environment) }

guard let host = environment["AWS_LAMBDA_RUNTIME_API"] else {
  log.critical(
    "AWS_LAMBDA_RUNTIME_API is not set: this program is started by Lambda; to run a job by hand use `healthscore run`")
  exit(2)
}

let termination = Termination()
termination.followSIGTERM()
do {
  let api = RuntimeAPI(host: host, transport: try CurlConnection())
  let transport: CurlMultiTransport
  do {
    transport = try CurlMultiTransport()
  } catch {
    try api.reportInitialization(FunctionError(type: "Function.StartFailed", message: "the start failed: \(error)"))
    throw error
  }
  let runner = JobRunner(jobs: .all, environment: environment, transport: transport, log: log) { line in
    // CloudWatch reads metrics from the log.
    line.writeWhole(to: 1)
  }
  RuntimeLoop(api: api, termination: termination, log: log) { invocation in
    do {
      // A run uses all cores, not only the loop's thread.
      return try await withTaskExecutorPreference(globalConcurrentExecutor) {
        try await runner.answer(
          event: invocation.event, deadline: invocation.deadline, requestID: invocation.requestID)
      }
    } catch let error as JobError {
      throw FunctionError(type: error.kind.rawValue, message: error.message)
    }
  }.run()
} catch {
  log.critical("the start failed", metadata: ["error": "\(error)"])
  exit(1)
}
