extension TopicNames {
  /// The topics of retained figures that a worker can have: of each window the record's and those of its scalars.
  package func figures(ofWorker id: String, site: String) -> [(record: String, scalars: [String])] {
    let scope = KPIScope.worker.rawValue
    return WindowKind.allCases.map(\.rawValue).map { window in
      (
        kpi(site: site, scope: scope, id: id, window: window),
        KPIRecord.scalarNames.map { tag(site: site, scope: scope, id: id, window: window, metric: $0) }
      )
    }
  }
}
