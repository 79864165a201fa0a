import AndonIngest
import AndonStatus
import Mosquitto

/// What the ingest loop carries along from CONNECT until that connection is lost or the loop is stopped.
struct IngestSession {
  var broker: BrokerSession
  var pipeline: IngestPipeline
  let publisher: SitePublisher
  var health: SiteHealth
  var resources: ResourceMonitor
  var ticks: TickSchedule
  var linger: CommitLinger
  let batch = MessageBatch()
}
