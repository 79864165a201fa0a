/// Where a value was written, so that a mistake that is found later can be located.
enum SettingOrigin: Sendable {
  case line(Int?)
  case variable(String)
}
