import AndonConfiguration
import AndonCore

/// What cameras sent while a check listened: rate, errors, clocks.
struct CameraSample {
  private(set) var count = 0
  private(set) var rate: Double = 0
  private(set) var findings: [Finding] = []
  private static let skewLimitMs: Int64 = 30_000

  init(_ messages: [CheckClient.Message], site: SiteSettings, topics: TopicNames, nowMs: Int64, seconds: Int)
  {
    var decoder = SampleDecoder(site: site, root: topics.root, nowMs: nowMs)
    for message in messages where !message.isRetained && !message.payload.isEmpty {
      count += 1
      decoder.add(message)
    }
    rate = Double(count) / Double(max(1, seconds))
    guard count > 0 else {
      findings.append(
        Finding(
          .warning, "cameras", site: site.id, "no camera sent anything in \(seconds) s",
          advice: "check that cameras publish to \(topics.eventFilter(site: site.id))"))
      return
    }
    findings.append(
      Finding(
        decoder.rejected == 0 ? .ok : .warning, "cameras", site: site.id,
        "\(count) messages in \(seconds) s from \(decoder.skews.count) cameras, \(decoder.events) events good, "
          + "\(decoder.rejected) rejected" + (decoder.firstRejection.map { ", the first: \($0)" } ?? ""),
        advice: decoder.rejected == 0 ? "" : "see docs/mqtt.md for what an event must look like"))
    if let finding = Finding.atMostOnce(decoder.atMostOnce, site: site.id) { findings.append(finding) }
    for (camera, skews) in decoder.skews.sorted(by: { $0.key < $1.key }) {
      let median = skews.sorted()[skews.count / 2]
      guard abs(median) > Self.skewLimitMs else { continue }
      let side = median > 0 ? "behind" : "ahead of"
      findings.append(
        Finding(
          .error, "clock", site: site.id,
          "camera \(camera) is \(abs(median) / 1000) s \(side) this machine's clock: its figures land in the wrong time"
            + (median < -site.ingest.maxFutureMs ? ", its events are rejected as too_future" : ""),
          advice: "let the camera and this machine use the same NTP server"))
    }
  }
}
