import AWSClient
import ArgumentParser
import ConfigurationReading
import Connectors
import CurlTransport
import Formats
import Foundation
import HTTPClient
import Runs
import SimpleFIN

struct SimpleFINCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simplefin", abstract: "Connect the bank feed.", subcommands: [ClaimCommand.self])

  struct ClaimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "claim",
      abstract: "Exchange a setup token for its access URL, which goes into a file or a secret, never to the screen.",
      discussion: "A token can be claimed once. The place is checked before.")

    @Argument(
      help: "The token that the feed's page shows; - reads it from standard input, so that no history keeps it.")
    var token: String
    @Option(
      help: "The file for the access URL, readable for its owner only (default: OUTPUT_DIR/simplefin_access_url).")
    var file: String?
    @Option(help: "Put it into this secret of Secrets Manager instead, as its key SIMPLEFIN_ACCESS_URL.")
    var secret: String?

    func validate() throws {
      if file != nil, secret != nil { throw ValidationError("--file and --secret: choose one of them") }
    }

    func run() async throws {
      let environment = Environment.process()
      try await Console.reportingProblems {
        let token = Secret(self.token == "-" ? readLine() ?? "" : self.token)
        let transport = try CurlMultiTransport()
        let api = APIClient(
          transport: transport, limiter: RateLimiter(SimpleFINOptions.rateLimit),
          policy: SimpleFINClient.policy)
        if let secret {
          try await claim(token, into: secret, environment, transport, api)
        } else {
          try await claim(token, api, path: file ?? "\(environment.outputDirectory)/simplefin_access_url")
        }
      }
    }

    private func claim(_ token: Secret, _ api: APIClient, path: String) async throws {
      guard !FileManager.default.fileExists(atPath: path) else {
        Console.error("\(path) is there already; move it away or name another --file. The token was not claimed")
        throw ExitStatus.usage
      }
      let place = try AtomicFile(path: path)
      let url = try await claimed(token, api)
      try place.append(Array("\(url.text)\n".utf8))
      try place.commit()
      try Console.print(
        "The access URL is in \(path). Set it: export \(SimpleFINCredentials.variable)=\"$(cat '\(path)')\"")
    }

    private func claim(
      _ token: Secret, into secret: String, _ environment: Environment, _ transport: CurlMultiTransport,
      _ api: APIClient
    ) async throws {
      let operations = Operations(environment, readFile: JobRunner.fileText)
      guard operations.problems.isEmpty else { throw ConfigurationError(problems: operations.problems) }
      guard let settings = operations.aws else {
        throw ConfigurationError(problems: ["--secret: there are no AWS credentials in the environment"])
      }
      let secrets = SecretsManager(settings: settings, transport: transport)
      var variables = try await secrets.variables(of: secret)
      let url = try await claimed(token, api)
      variables[SimpleFINCredentials.variable] = url
      do {
        try await secrets.set(variables, of: secret)
      } catch {
        // The token is used up, so its URL must not be lost.
        let path = "\(environment.outputDirectory)/simplefin_access_url"
        try AtomicFile.write(Array("\(url.text)\n".utf8), to: path)
        Console.error(
          "\(error). The token was claimed; its access URL is in \(path) instead: put it into the secret by hand")
        throw ExitStatus.failed
      }
      try Console.print(
        "The access URL is in the secret \(secret), as \(SimpleFINCredentials.variable). Deploy to use it.")
    }

    private func claimed(_ token: Secret, _ api: APIClient) async throws -> Secret {
      do {
        return try await SimpleFINClient.claim(token, by: api)
      } catch let error as SourceError where error.kind == .malformed {
        Console.error(error.message)
        throw ExitStatus.usage
      }
    }
  }
}
