/// Asks to be told that the broker acknowledged a publication.
package struct Receipt: Sendable {
  let box: ReceiptBox
  let number: Int64

  package init(box: ReceiptBox, number: Int64) {
    self.box = box
    self.number = number
  }

  /// The broker has it.
  package func confirm() { box.confirm(number) }
}
