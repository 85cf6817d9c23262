import CurlTransport
import LambdaRuntime
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The product's Runtime API loop with a handler that returns the event.
enum Loop {
  static func run() throws {
    guard let host = getenv("AWS_LAMBDA_RUNTIME_API").map({ String(cString: $0) }) else {
      print("bench loop: AWS_LAMBDA_RUNTIME_API is not set")
      exit(2)
    }
    let termination = Termination()
    termination.followSIGTERM()
    let api = RuntimeAPI(host: host, transport: try CurlConnection())
    let log = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    RuntimeLoop(api: api, termination: termination, log: log) { invocation in invocation.event }.run()
  }
}
