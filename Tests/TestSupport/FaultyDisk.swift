import CFaultVFS
public import Foundation
import Synchronization

/// A folder whose SQLite files fail on purpose, below the store: at a step of their writing operations the
/// machine stops, or one operation fails, and a power cut undoes what was not synced.
public final class FaultyDisk: Sendable {
  /// The operations that can fail.
  public struct Operations: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let write = Operations(rawValue: UInt32(FAULTVFS_WRITE))
    public static let sync = Operations(rawValue: UInt32(FAULTVFS_SYNC))
    public static let truncate = Operations(rawValue: UInt32(FAULTVFS_TRUNCATE))
    public static let read = Operations(rawValue: UInt32(FAULTVFS_READ))
  }

  /// The disk's answers as SQLite result codes.
  public enum Answer: Int32, Sendable, CaseIterable {
    case busy = 5
    case inputOutputError = 10
    case full = 13
    /// SQLITE_IOERR_FSYNC
    case syncFailed = 1034
  }

  public let folder: URL
  private let plan: Mutex<Plan>

  /// Used under the lock only, by C code that has its own lock.
  private struct Plan: @unchecked Sendable { let pointer: OpaquePointer }

  /// - Parameter isMemory: In memory, and syncs are not passed on: for thousands of short runs.
  public init(_ name: String = "disk", isMemory: Bool = false) throws {
    guard faultvfs_install() == 0 else { throw WaitFailure(what: "the fault-injecting file layer") }
    if isMemory {
      folder = URL(fileURLWithPath: "/dev/shm/andon-\(name)-\(UUID().uuidString.prefix(13))")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } else {
      folder = try TemporaryFolder.make(name)
    }
    plan = Mutex(Plan(pointer: faultvfs_new(folder.path)))
    if isMemory { plan.withLock { faultvfs_skip_real_sync($0.pointer, true) } }
  }

  deinit {
    plan.withLock { faultvfs_free($0.pointer) }
    try? FileManager.default.removeItem(at: folder)
  }

  /// Fails the `step`-th of these operations (1 is the next) once.
  public func fail(_ operations: Operations, atStep step: Int64 = 1, _ answer: Answer, isTorn: Bool = false) {
    plan.withLock { faultvfs_fail($0.pointer, operations.rawValue, step, answer.rawValue, isTorn) }
  }

  /// Stops the machine at the `step`-th writing operation from now: nothing is written after that.
  public func stop(atStep step: Int64) { plan.withLock { faultvfs_stop_at($0.pointer, step) } }

  /// Stops the machine now.
  public func stop() { plan.withLock { faultvfs_stop($0.pointer) } }

  public var isStopped: Bool { plan.withLock { faultvfs_is_stopped($0.pointer) } }

  /// Undoes what was not synced; with a seed other than 0 a random part of it survives. Call it on a stopped
  /// machine whose files are closed.
  public func cutPower(seed: UInt64 = 0) { plan.withLock { faultvfs_power_cut($0.pointer, seed) } }

  /// Everything works again; operations are counted from 0.
  public func restart() { plan.withLock { faultvfs_restart($0.pointer) } }

  /// Writing operations since the last restart.
  public var steps: Int64 { plan.withLock { faultvfs_steps($0.pointer) } }
  /// Syncs since the last restart.
  public var syncs: Int64 { plan.withLock { faultvfs_syncs($0.pointer) } }

  /// Makes each sync take this long.
  public func slowSyncs(milliseconds: UInt32) {
    plan.withLock { faultvfs_slow_sync($0.pointer, milliseconds) }
  }
}
