import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import Foundation
import Logging
import ServiceLifecycle

/// Finds the stops of a site once a second, off the ingest thread, and sends them to the site's ingest loop when they
/// differ from the last ones, which tells what changed.
///
/// A find that takes long is repeated less often: it uses at most a tenth of a core.
struct StopService: Service {
  let site: SiteSettings
  let storeReference: StoreReference
  let requests: SiteCommandQueue
  let clock: WallClock
  let logger: Logger
  private static let pause: Duration = .seconds(1)
  private static let rest = 9

  private struct Found: Sendable {
    var finding: StopFinding?
    var error: String?
  }

  func run() async throws {
    let queue = DispatchQueue(label: "andon.stops.\(site.id)")
    await cancelWhenGracefulShutdown {
      // What the ingest loop took last, and of which file.
      var taken: (faces: [String: Int64], store: ObjectIdentifier)?
      var trouble: String?
      while !Task.isCancelled {
        let begin = ContinuousClock.now
        if let store = storeReference.store {
          let found = await withCheckedContinuation { done in
            queue.async { done.resume(returning: find(store)) }
          }
          if let finding = found.finding,
            taken?.faces != finding.faces || taken?.store != ObjectIdentifier(store)
          {
            let isTaken = await requests.send(.stops(finding)).isOK
            taken = isTaken ? (finding.faces, ObjectIdentifier(store)) : nil
          }
          if let error = found.error, error != trouble {
            logger.warning("stops not computed", metadata: ["site": "\(site.id)", "error": "\(error)"])
          }
          trouble = found.error
        }
        let pause = max(Self.pause, (ContinuousClock.now - begin) * Self.rest)
        do { try await Task.sleep(for: pause) } catch { return }
      }
    }
  }

  private func find(_ store: SiteStore) -> Found {
    do {
      let reading = try LiveStops(site: site).read(store, nowMs: clock.nowMs)
      return Found(
        finding: StopFinding(
          fromMs: reading.fromMs, records: reading.parts.map { StopRecord($0, of: site) }))
    } catch {
      return Found(error: "\(error)")
    }
  }
}
