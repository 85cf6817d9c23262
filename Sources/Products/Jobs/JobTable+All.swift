import CardJob
import CustomerJob
import HealthJob
import Runs

extension JobTable {
  /// Every job of the product. The first is the default.
  public static let all = JobTable([HealthScoreJob(), CustomerSyncJob(), BusinessMetricsJob()])
}
