/// Reports the broker's answer to a publication to its producer.
package struct Receipt: Sendable {
  package let box: DeliveryTracker
  package let number: Int64

  package init(box: DeliveryTracker, number: Int64) {
    self.box = box
    self.number = number
  }

  /// The broker acknowledged it.
  package func confirm() { box.confirm(number) }

  /// The broker refused it; the reason is that of its PUBACK, 0x80 or above.
  package func refuse(reason: UInt8) { box.refuse(number, reason: reason) }
}
