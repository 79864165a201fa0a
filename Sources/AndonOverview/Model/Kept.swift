/// A value of a retained topic, with the connection that brought it last.
package struct Kept<Value: Sendable>: Sendable {
  package var value: Value
  /// Of the broker's connection. A value that the next connection does not bring again no longer exists.
  package var generation: Int
}
