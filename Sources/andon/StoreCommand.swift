import AndonConfiguration
import AndonCore
import AndonIngest
import AndonRuntime
import AndonStore
import ArgumentParser
import Foundation

/// `andon store …`
struct StoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store", abstract: "Look after the sites' files: check, backup, prune, restore.",
    examples: ["andon store check", "andon store backup --to /var/backups/andon"],
    subcommands: [Check.self, Backup.self, Prune.self, StoreRestoreCommand.self])

  /// `--config FILE [--site SITE]`: one site or all of them.
  struct Sites: ParsableArguments {
    @OptionGroup var configuration: ConfigOptions
    @Option(name: .long, help: "Only this site; all of the configuration's sites unless given.")
    var site: String?

    func load() throws -> [(site: SiteSettings, path: String)] {
      let settings = try configuration.load()
      let chosen = try settings.sites(only: site, in: configuration.config)
      return chosen.map { ($0, settings.databasePath(site: $0.id)) }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Structure of the file, balance of the books, rows against checksums, summaries against events.",
      usage: "store check [<options>]",
      discussion: """
        Works while the bridge runs. It reads the whole file and compares every row of an event with its checksum.
        Without --all it recomputes random days of random workers; with it, all of them. Exit 1 when anything is \
        wrong; the bridge recomputes wrong summaries in its nightly audit.
        """, examples: ["andon store check", "andon store check --site plant-a --all"])

    @OptionGroup var sites: Sites
    @Option(name: .long, help: "How many (worker, day) pairs to recompute.") var pairs = 200
    @Option(name: .long, help: "Seed of the random choice.") var seed: UInt64?
    @Flag(name: .long, help: "Recompute everything; takes as long as reading the whole file.") var all = false

    func validate() throws {
      guard (0...1_000_000).contains(pairs) else { throw ValidationError("--pairs lies in 0…1000000") }
    }

    func run() throws {
      var troubled: [String] = []
      for (site, path) in try sites.load() {
        let isWell = try Failure.onStore(path, site: site.id) { try check(site, path) }
        if !isWell { troubled.append("\(site.id): \(path)") }
      }
      guard troubled.isEmpty else {
        throw Failure("the check found problems, as said above, in \(troubled.joined(separator: ", "))")
      }
    }

    private func check(_ site: SiteSettings, _ path: String) throws -> Bool {
      let store = try SiteStore.openForReading(path: path, siteID: site.id)
      let timeoutMs = site.ingest.stateTimeoutMs
      let problems = try store.integrityProblems()
      for problem in problems { print("\(site.id): structure: \(problem)") }
      if problems.isEmpty { print("\(site.id): structure: sound") }
      let counters = try store.counters()
      print(
        counters.isBalanced
          ? "\(site.id): books: \(counters.received) received, all accounted for"
          : "\(site.id): books: DO NOT BALANCE: \(counters)")
      let seed = seed ?? UInt64.random(in: 0...UInt64.max)
      var random = SplitMix64(seed: seed)
      let report =
        try all
        ? store.auditAll(timeoutMs: timeoutMs)
        : store.audit(pairs: pairs, timeoutMs: timeoutMs, using: &random)
      let scope = all ? "all \(report.pairs) workers" : "\(report.pairs) worker days (seed \(seed))"
      if report.mismatches.isEmpty {
        print(
          "\(site.id): summaries: equal to the events in \(report.buckets) quarters of an hour of \(scope)")
      }
      for mismatch in report.mismatches.prefix(20) {
        let time = CivilTime.text(epochMs: mismatch.bucketMs)
        print("\(site.id): summaries: worker \"\(mismatch.worker)\" at \(time) DIFFERS from its events")
      }
      if report.stale > 0 {
        print(
          "\(site.id): summaries: \(report.stale) wait to be recomputed with the configured state_timeout; figures "
            + "there come from the events until then")
      }
      let (areRowsSound, areFinalsSound) = (try checkRows(site, store), try checkFinals(site, store))
      let (areJournalsSound, isLogSound) = (try checkJournals(site, store), try checkLog(site, store))
      return problems.isEmpty && counters.isBalanced && report.mismatches.isEmpty && areRowsSound
        && areFinalsSound && areJournalsSound && isLogSound
    }

    private func checkLog(_ site: SiteSettings, _ store: SiteStore) throws -> Bool {
      let (bodies, problems) = try store.checkLog()
      for problem in problems.prefix(20) { print("\(site.id): log for the central history: \(problem)") }
      if let bodies, problems.isEmpty {
        print("\(site.id): log for the central history: \(bodies) bodies match their hash chain")
      }
      if !problems.isEmpty {
        print(
          "\(site.id): log for the central history: what cannot be read from it is read from the tables when it is shipped"
        )
      }
      return problems.isEmpty
    }

    private func checkJournals(_ site: SiteSettings, _ store: SiteStore) throws -> Bool {
      let check = try store.checkJournals()
      for problem in check.problems.prefix(20) { print("\(site.id): journals: \(problem)") }
      if check.problems.isEmpty {
        let rows = check.counts.map { "\($0.rows) of \($0.table)" }.joined(separator: ", ")
        print("\(site.id): journals: sound (\(rows))")
      } else {
        print("\(site.id): journals: \(check.problems.count) rows are wrong; a backup may have them")
      }
      return check.problems.isEmpty
    }

    private func checkFinals(_ site: SiteSettings, _ store: SiteStore) throws -> Bool {
      let (count, damaged) = try store.checkFinalFigures()
      if count > 0, damaged.isEmpty { print("\(site.id): final figures: all \(count) match their checksums") }
      for words in damaged.prefix(20) {
        print("\(site.id): final figures: the \(words) are NOT what was stored")
      }
      if !damaged.isEmpty {
        print(
          "\(site.id): final figures: \(damaged.count) are damaged and refused: check the disk; a backup may have them"
        )
      }
      return damaged.isEmpty
    }

    private func checkRows(_ site: SiteSettings, _ store: SiteStore) throws -> Bool {
      let damaged = try store.damagedQuarters()
      if damaged.isEmpty {
        print("\(site.id): rows: all match their checksums")
        return true
      }
      for bucketMs in damaged.prefix(20) {
        print(
          "\(site.id): rows: the quarter of an hour at \(CivilTime.text(epochMs: bucketMs)) is NOT what was stored"
        )
      }
      print(
        "\(site.id): rows: \(damaged.count) quarters of an hour are damaged: check the disk, then stop the bridge and "
          + "put back a backup from before the damage; the broker does not deliver again what was acknowledged since"
      )
      return false
    }
  }

  struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Copy a site's file while the bridge runs.",
      discussion: """
        The copy is one moment's state, checked, synced to disk and complete when it is there. To restore, stop
        the bridge and put it in the place of the site's file; the broker does not deliver again what was
        acknowledged after the copy was made.
        """, examples: ["andon store backup --to /var/backups/andon"])

    @OptionGroup var sites: Sites
    @Option(
      name: .long,
      help: ArgumentHelp("Folder for {site}-{time}.sqlite; made if missing.", valueName: "FOLDER"))
    var to: String

    func run() throws {
      let stamp = CivilTime.text(epochMs: WallClock.system.nowMs).filter { $0.isNumber || $0 == "T" }
      try Failure.wrap {
        try FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true)
      }
      for (site, path) in try sites.load() {
        let target = "\(to)/\(site.id)-\(stamp.prefix(15))Z.sqlite"
        try Failure.onStore(path, site: site.id) {
          try SiteStore.openForReading(path: path, siteID: site.id).backup(to: target)
        }
        print(target)
      }
    }
  }

  struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Delete events older than store.retention, now.", usage: "store prune [<options>]",
      discussion: """
        The bridge does this by itself while it runs; this command is for a bridge that is stopped (one process
        writes a site). The file does not shrink: SQLite uses the room again.
        """,
      examples: ["andon store prune --site plant-a", "andon store prune --site plant-a --before 2025-12-01"])

    @OptionGroup var sites: Sites
    @Option(name: .long, parsing: .unconditional, help: "Delete what is older than this instant instead.")
    var before: PointInTime?
    @Flag(name: .long, help: "Delete also when the clock is far ahead of the site's newest events.")
    var yesTheClockIsRight = false

    func run() throws {
      for (site, path) in try sites.load() {
        let nowMs = WallClock.system.nowMs
        let oldestAcceptable = nowMs - site.ingest.maxAgeMs - 86_400_000
        let cutoff = before?.epochMs(at: site, nowMs: nowMs) ?? nowMs - site.retention.eventsMs
        guard cutoff <= oldestAcceptable else {
          throw Failure(
            "--before must lie more than ingest.max_age and a day back, before "
              + CivilTime.text(epochMs: oldestAcceptable))
        }
        let edge = SummaryBucket.start(of: cutoff)
        let total = try Failure.onStore(path, site: site.id) {
          let store = try SiteStore.openForWriting(path: path, siteID: site.id)
          defer { try? store.close() }
          if !yesTheClockIsRight, let doubt = try RetentionDoubt.words(store, nowMs: nowMs) {
            throw Failure(
              "\(site.id): nothing is deleted: \(doubt). Is the clock right? If it is, repeat it with "
                + "--yes-the-clock-is-right")
          }
          let count = try store.eventCount()
          let rule = site.retention.keepsFinals ? FinalRule(site, presentMs: nowMs) : nil
          while try !store.pruneStep(before: edge, keeping: rule).isDone {}
          return try count - store.eventCount()
        }
        print("\(site.id): \(total) events deleted, those before \(CivilTime.text(epochMs: edge))")
      }
    }
  }
}
