import Foundation

/// The seeds of property, fuzz and simulation tests.
///
/// By default a test always uses the same seed or seeds, so that a run can be repeated. The environment
/// variable `SEED` sets another one: `SEED=7 swift test --filter …`.
public enum Seed {
  /// The seed from the environment; nil without one.
  public static let given: UInt64? = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }

  /// The seed of a test that runs with one.
  public static var one: UInt64 { given ?? 1 }

  /// The seeds of a test that runs with many: the usual ones, or only the given one.
  public static func many(_ usual: Range<UInt64>) -> Range<UInt64> { given.map { $0..<$0 + 1 } ?? usual }
}
