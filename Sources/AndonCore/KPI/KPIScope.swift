/// What a KPI is about.
public enum KPIScope: String, Sendable, CaseIterable {
  case site, area, line, workstation, worker
}
