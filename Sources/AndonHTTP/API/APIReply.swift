import AndonCore
import AndonStatus

/// The answer of an endpoint.
package struct APIReply: Sendable {
  enum Body: Sendable {
    case bytes([UInt8])
    /// Server-sent events until either side ends.
    case stream(StreamClient)
  }

  var status = 200
  var contentType = "application/json"
  var body: Body
  var headers: [(name: String, value: String)] = []
  /// Of a list: the name of its items' payload.
  var itemName: String?
  /// The same for people, if they ask for HTML.
  var page: ReplyPage?
  /// Whom it shows; the access log has a row of it before it leaves.
  var look: Look?
  /// How long a cache may reuse the answer, seconds; 0: it must revalidate each time.
  var maxAge = 0

  static func json(_ bytes: [UInt8], status: Int = 200) -> APIReply {
    APIReply(status: status, body: .bytes(bytes))
  }

  static func text(_ text: String, status: Int = 200) -> APIReply {
    APIReply(status: status, contentType: "text/plain; charset=utf-8", body: .bytes(Array(text.utf8)))
  }

  static func list<Head>(
    _ table: PayloadTable<ListPayload<Head>>, _ head: Head, _ items: [[UInt8]], nextCursor: String? = nil
  ) -> APIReply {
    var reply = json(
      table.json(ListPayload(head: head, items: items, nextCursor: nextCursor), capacity: 4096))
    reply.itemName = table.itemName
    return reply
  }
}
