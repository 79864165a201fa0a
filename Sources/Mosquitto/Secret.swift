/// A password: prints as `<redacted>` wherever it might slip into a log, an error or a dump.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package let revealed: String

  public init(_ text: String) { revealed = text }

  public var description: String { "<redacted>" }
  public var debugDescription: String { "<redacted>" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
