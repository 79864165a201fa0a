import Foundation

/// Where the random numbers of a property, fuzz or simulation test begin.
///
/// Without more, a test always begins with the same seed or seeds, so that a run can be repeated. The environment
/// variable `SEED` gives another one: `SEED=7 swift test --filter …`.
public enum Seed {
  /// What the environment says; nil where it says nothing.
  public static let given: UInt64? = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }

  /// The seed of a test that runs with one.
  public static var one: UInt64 { given ?? 1 }

  /// The seeds of a test that runs with many of them: the usual ones, or only the one that was given.
  public static func many(_ usual: Range<UInt64>) -> Range<UInt64> { given.map { $0..<$0 + 1 } ?? usual }
}
