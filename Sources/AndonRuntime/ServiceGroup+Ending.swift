package import Logging
package import ServiceLifecycle
package import UnixSignals

extension ServiceGroup {
  /// Services that end together, stopped in reverse order; the group itself logs warnings only.
  ///
  /// - Parameter secondsToStop: after which what still runs is cancelled; nil: waits for it.
  package static func ending(
    _ services: [any Service], signals: [UnixSignal] = [], secondsToStop: Int? = nil, logger: Logger
  ) -> ServiceGroup {
    var quiet = logger
    quiet.logLevel = .warning
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
      gracefulShutdownSignals: signals, logger: quiet)
    configuration.maximumGracefulShutdownDuration = secondsToStop.map { .seconds($0) }
    return ServiceGroup(configuration: configuration)
  }
}
