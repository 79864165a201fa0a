/// A binary heap whose first element precedes all others. O(log n) a change.
package struct Heap<Element> {
  private var elements: [Element]
  private let isBefore: (Element, Element) -> Bool

  /// O(n).
  package init(_ elements: [Element], by isBefore: @escaping (Element, Element) -> Bool) {
    self.elements = elements
    self.isBefore = isBefore
    for index in (0..<elements.count / 2).reversed() { siftDown(index) }
  }

  package var first: Element? { elements.first }

  /// Call it only while there is a first element.
  package mutating func replaceFirst(with element: Element) {
    elements[0] = element
    siftDown(0)
  }

  package mutating func removeFirst() {
    guard let last = elements.popLast(), !elements.isEmpty else { return }
    replaceFirst(with: last)
  }

  private mutating func siftDown(_ start: Int) {
    var index = start
    while true {
      var first = index
      for child in 2 * index + 1...2 * index + 2
      where child < elements.count && isBefore(elements[child], elements[first]) {
        first = child
      }
      if first == index { return }
      elements.swapAt(index, first)
      index = first
    }
  }
}
