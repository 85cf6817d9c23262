import Foundation
import HealthSources
import Testing

/// Any field of a vendor's answer may have any value. The run still answers and writes every account once, and the
/// next event is served.
@Suite struct AnyFieldTests {
  private static let members: [Vendor: [String]] = [
    .intercom: [
      "id", "created_at", "priority", "company", "company_id", "tags", "name", "contacts", "source", "delivered_as",
      "statistics", "time_to_admin_reply", "first_admin_reply_at", "last_close_at", "count_reopens",
      "conversation_rating", "rating", "total_count", "pages", "next", "starting_after", "conversations",
    ],
    .jira: [
      "id", "key", "fields", "project", "components", "name", "priority", "status", "statusCategory", "created",
      "resolutiondate", "issues", "isLast", "nextPageToken",
    ],
    .looker: [
      "booking_summary.brand_id", "booking_summary.m_total_bookings", "flow_sends.delivery_method",
      "platform_score.score", "platform_score.month", "feature_usage.arrivals", "feature_usage.page_visits",
    ],
    .salesforce: [
      "Id", "Name", "ARR__c", "Success_Tier__c", "CloseDate", "IsClosed", "Type", "Payment_Date__c", "Status__c",
      "AccountId", "Account__c", "Roles", "StartDate", "Severity__c", "Confidence__c", "totalSize", "done", "records",
    ],
  ]

  private static let values = [
    "null", "true", "\"\"", "\"x\"", "-1", "1e300", "9223372036854775807", "[]", "{}", "[null]", "{\"id\":{}}",
  ]

  /// One of the values for each field; all values for each field if `FUZZ_ROUNDS` is above 1000.
  static let cases: [(Vendor, String, String)] = {
    let isLong = (ProcessInfo.processInfo.environment["FUZZ_ROUNDS"].flatMap { Int($0) } ?? 0) > 1000
    return Vendor.allCases.flatMap { vendor in
      (members[vendor] ?? []).enumerated().flatMap { index, member in
        values.indices.filter { isLong || $0 == (index + vendor.rawValue.utf8.count) % values.count }
          .map { (vendor, member, values[$0]) }
      }
    }
  }()

  @Test(arguments: cases) func aFieldAsAnything(_ vendor: Vendor, _ member: String, _ value: String) async throws {
    let world = try FaultWorld()
    defer { world.remove() }
    let baseline = try await undisturbed.value
    world.transport.set(.member(member, value), at: vendor)
    let answer = try await world.run()
    let keys = world.records.compactMap { $0["Health_Score_Key__c"] }
    #expect(Set(keys).count == keys.count && keys.count == answer.load?.created)
    let expected = Dictionary(uniqueKeysWithValues: baseline.snapshots.map { ($0.accountID, $0) })
    for snapshot in try world.snapshots() {
      for source in SourceRegistry.all where source.id.name != vendor.rawValue {
        for metric in source.metrics {
          #expect(snapshot.observations[metric] == expected[snapshot.accountID]?.observations[metric])
        }
      }
    }
    world.transport.set(nil, at: vendor)
    #expect(try await world.run().status == .succeeded)
    #expect(try world.snapshots() == baseline.snapshots)
  }
}
