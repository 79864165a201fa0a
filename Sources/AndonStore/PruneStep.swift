/// What one step of retention did.
package struct PruneStep: Sendable, Equatable {
  /// Events that were deleted.
  package var deleted = 0
  /// Nothing is left to do.
  package var isDone = false
  /// Nothing was done, because a commit changed what was to be kept; the next step reads it again.
  package var isObsolete = false
}
