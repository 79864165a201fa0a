import Foundation

/// A progress line on the terminal; silent when standard error is no terminal.
struct ProgressBar {
  private let total: Int64
  private let label: String
  private var lastDrawn = ContinuousClock.now - .seconds(1)
  private static let width = 30

  /// `total` is in the unit of `update`; 0 when it is unknown.
  init(label: String, total: Int64) {
    self.label = label
    self.total = total
  }

  mutating func update(_ done: Int64) {
    guard Output.isErrorTerminal, ContinuousClock.now - lastDrawn > .milliseconds(100) else { return }
    lastDrawn = .now
    draw(done)
  }

  mutating func finish(_ done: Int64) {
    guard Output.isErrorTerminal else { return }
    draw(done)
    FileHandle.standardError.write(Data("\n".utf8))
  }

  private func draw(_ done: Int64) {
    guard total > 0 else {
      FileHandle.standardError.write(Data("\r\(label) \(done)".utf8))
      return
    }
    let share = min(1, Double(done) / Double(total))
    let filled = Int(share * Double(Self.width))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
    FileHandle.standardError.write(Data("\r\(label) \(bar) \(Int(share * 100)) %".utf8))
  }
}
