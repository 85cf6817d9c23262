import ArgumentParser
import Formats
import Foundation
import HealthJob
import Sandbox

/// A function that polls the sandbox, in a process of its own.
struct FunctionRun {
  let path: String
  var environment: [String: String]
  let base: String

  /// Starts the function, hands it events while `body` runs, and waits until it has ended.
  ///
  /// - Parameter body: Gets a function that invokes the function with an event and returns its answer.
  func run(
    _ services: SandboxServices, _ body: (_ invoke: ([UInt8]) async throws -> [UInt8]) async throws -> ExitCode
  ) async -> ExitCode {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.environment = environment.merging(SandboxServices.environment(base: base)) { $1 }
      .merging(["AWS_LAMBDA_RUNTIME_API": String(base.dropFirst("http://".count))]) { $1 }
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    process.terminationHandler = { process in
      services.close(because: "the function ended with status \(process.terminationStatus)")
      ended.finish()
    }
    do {
      try process.run()
    } catch {
      Console.error("\(path) can't be started: \(error.localizedDescription)")
      return ExitStatus.usage
    }
    var status: ExitCode
    do {
      status = try await body { event in
        let (body, errorType) = await services.invoke(event)
        if let errorType {
          Console.error("function error \(errorType): \(String(decoding: body, as: UTF8.self))")
          throw ExitStatus.failed
        }
        return body
      }
    } catch let failed as ExitCode {
      status = failed
    } catch {
      Console.error("the answer can't be read: \(error)")
      status = ExitStatus.failed
    }
    process.terminate()
    // The function ends after its answer was accepted. The sandbox must serve until then.
    for await _ in ends {}
    return status
  }

  /// One run of the health score; prints its answer.
  func score(_ event: [UInt8], _ services: SandboxServices) async -> ExitCode {
    await run(services) { invoke in
      let answer = try JSONBody.decode(HealthScoreAnswer.self, from: try await invoke(event))
      try Console.print(AnswerTable(answer).text)
      return answer.status == .succeeded ? .success : ExitStatus.failed
    }
  }
}
