/// Where a value was written, so that a mistake that shows only later can still be pointed at.
enum SettingOrigin: Sendable {
  case line(Int?)
  case variable(String)
}
