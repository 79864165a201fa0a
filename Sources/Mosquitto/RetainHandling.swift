/// Whether retained messages are delivered when a subscription is made (MQTT 5, 3.8.3.1).
public enum RetainHandling: Int32, Sendable {
  case always = 0x00
  case ifNew = 0x10
  case never = 0x20
}
