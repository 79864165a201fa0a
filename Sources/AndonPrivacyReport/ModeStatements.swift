import AndonConfiguration
import AndonCore

/// How workers are known at a site: `privacy` of the configuration.
struct ModeStatements {
  private let privacy: PrivacySettings

  init(_ site: SiteSettings) { privacy = site.privacy }

  var all: [PrivacyStatement] { [workers, rotation, minGroup, ranking] }

  private var workers: PrivacyStatement {
    switch privacy.workers {
    case .named:
      PrivacyStatement(
        .mode, "workers", "named: ids of workers are stored and shown as cameras send them", width: 3)
    case .pseudonym:
      PrivacyStatement(
        .mode, "workers",
        "pseudonym: the id is replaced by a keyed hash before anything is stored; figures of single pseudonyms exist",
        width: 2)
    case .off:
      PrivacyStatement(
        .mode, "workers",
        "off: the id is replaced by a keyed hash before anything is stored; nothing of single workers is shown or published",
        width: 1)
    }
  }

  private var rotation: PrivacyStatement {
    guard privacy.replacesIDs else {
      return PrivacyStatement(.mode, "rotation", "none: a worker keeps the id for ever", width: 5)
    }
    let (words, width): (String, Int64) =
      switch privacy.rotation {
      case .shift: ("a worker gets another pseudonym with each shift", 1)
      case .day: ("a worker gets another pseudonym each day", 2)
      case .week: ("a worker gets another pseudonym each week", 3)
      case .never: ("a worker keeps one pseudonym for ever", 4)
      }
    return PrivacyStatement(.mode, "rotation", "\(privacy.rotation.rawValue): \(words)", width: width)
  }

  private var minGroup: PrivacyStatement {
    let least = privacy.minGroup
    // More workers for a figure show less of each one.
    return PrivacyStatement(
      .mode, "min_group",
      least > 1
        ? "\(least): figures of workstations, lines, areas and the site of fewer distinct workers are withheld"
        : "1: figures of a workstation are shown also when one worker made them",
      width: Int64(Int32.max) - Int64(least))
  }

  private var ranking: PrivacyStatement {
    privacy.hasRanking && privacy.showsWorkers
      ? PrivacyStatement(
        .mode, "ranking", "true: the dashboard may put workers in the order of their figures", width: 2)
      : PrivacyStatement(.mode, "ranking", "false: workers are not ranked")
  }
}
