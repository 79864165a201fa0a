package import AndonCore

/// The gaps that a camera's numbers show.
extension GapRow {
  /// Of numbers that may still arrive: it is shown while they are missing.
  package init(_ range: MissingRange, boot bootID: String, camera: String) {
    let numbers = range.count == 1 ? "\(range.first)" : "\(range.first) to \(range.last)"
    self.init(
      cause: .sequence, cameraID: camera, fromMs: range.times.lowerBound, toMs: range.times.upperBound - 1,
      notedAtMs: range.openedMs,
      detail:
        "\(range.count) of the camera's numbers did not arrive (seq \(numbers)\(bootID.isEmpty ? "" : ", boot_id \(bootID)")); "
        + "the gap closes when they come late")
  }

  /// Of numbers that were given up.
  package init(_ lost: LostNumbers, camera: String) {
    self.init(
      cause: .sequence, cameraID: camera, fromMs: lost.fromMs, toMs: lost.toMs, notedAtMs: lost.notedMs,
      detail:
        "\(lost.count) of the camera's numbers did not arrive, and more than \(CameraSequence.openLimit) gaps opened "
        + "after them: they are counted as lost")
  }
}

extension CameraRow {
  /// What its numbers show and the journal does not have: what may still arrive, and what was given up lately.
  package var sequenceGaps: [GapRow] {
    guard let sequence else { return [] }
    let open = sequence.counts.flatMap { count in
      count.open.map { GapRow($0, boot: count.bootID, camera: cameraID) }
    }
    return open + (sequence.lately.map { [GapRow($0, camera: cameraID)] } ?? [])
  }
}
