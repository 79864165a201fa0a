import AndonConfiguration
import AndonCore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Makes the HTTP response of a reply: entity tags, gzip, and the headers of all responses.
struct ResponseBuilder {
  let request: Request
  let settings: HTTPSettings
  let hub: EventBroadcaster

  /// No external content, no inline script or style, no embedding in frames.
  static let contentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    + "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  func response(_ reply: APIReply) -> Response {
    let reply = asked(reply)
    var headers = common(reply)
    let status = HTTPResponse.Status(code: reply.status, reasonPhrase: Problem.titles[reply.status] ?? "")
    switch reply.body {
    case .stream(let client):
      headers[.cacheControl] = "no-store"
      headers[HTTPField.Name("X-Accel-Buffering")!] = "no"
      if request.method == .head {
        hub.unsubscribe(client)
        return Response(status: status, headers: headers)
      }
      return Response(status: status, headers: headers, body: stream(client))
    case .bytes(let bytes):
      return whole(bytes, status, headers, reply)
    }
  }

  /// A list or a report as the client asks for it.
  private func asked(_ reply: APIReply) -> APIReply {
    if let page = reply.page, AcceptHeader.prefers("text/html", request.headers[.accept]) {
      return page.reply(language: PageLanguage(acceptLanguage: request.headers[.acceptLanguage]))
    }
    guard let item = reply.itemName, case .bytes(let json) = reply.body,
      AcceptHeader.prefers("text/csv", request.headers[.accept])
    else { return reply }
    let table = CSVTable(item: item, list: json)
    var reply = reply
    reply.contentType = "text/csv; charset=utf-8; header=present"
    reply.body = .bytes(table.bytes)
    if let link = table.nextCursor.flatMap(nextPage) {
      reply.headers.append(("Link", "<\(link)>; rel=\"next\""))
    }
    return reply
  }

  /// The request's address with another cursor (RFC 8288).
  private func nextPage(_ cursor: String) -> String? {
    guard let address = request.head.path, var parts = URLComponents(string: address) else { return nil }
    let others = (parts.queryItems ?? []).filter { $0.name != "cursor" }
    parts.queryItems = others + [URLQueryItem(name: "cursor", value: cursor)]
    return parts.string
  }

  private func whole(
    _ bytes: [UInt8], _ status: HTTPResponse.Status, _ headers: HTTPFields, _ reply: APIReply
  ) -> Response {
    var headers = headers
    var bytes = bytes
    let isRead = request.method == .get || request.method == .head
    if reply.status == 200, isRead {
      let tag = "\"\(Self.fingerprint(bytes))\""
      headers[.eTag] = tag
      let known = request.headers[.ifNoneMatch]?.split(separator: ",").map {
        $0.filter { $0 != " " }.replacing("W/", with: "")
      }
      if known?.contains(where: { $0 == tag || $0 == "*" }) == true {
        return Response(status: .notModified, headers: headers)
      }
    }
    if bytes.count >= Gzip.minimumBytes {
      Self.vary(by: "Accept-Encoding", &headers)
      if Gzip.isAccepted(request.headers[.acceptEncoding]), let packed = Gzip.compress(bytes) {
        bytes = packed
        headers[.contentEncoding] = "gzip"
      }
    }
    if reply.status != 204 { headers[.contentLength] = "\(bytes.count)" }
    guard request.method != .head, !bytes.isEmpty else { return Response(status: status, headers: headers) }
    return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  private func common(_ reply: APIReply) -> HTTPFields {
    var headers = HTTPFields()
    if !reply.contentType.isEmpty { headers[.contentType] = reply.contentType }
    headers[.cacheControl] = reply.maxAge > 0 ? "max-age=\(reply.maxAge)" : "no-cache"
    headers[HTTPField.Name("X-Content-Type-Options")!] = "nosniff"
    headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
    headers[HTTPField.Name("Content-Security-Policy")!] = Self.contentSecurityPolicy
    headers[HTTPField.Name("Cross-Origin-Resource-Policy")!] = "same-origin"
    for (name, value) in reply.headers {
      guard let name = HTTPField.Name(name), !name.rawName.hasPrefix("Access-Control") else { continue }
      headers[name] = value
    }
    if reply.itemName != nil || reply.page != nil { Self.vary(by: "Accept", &headers) }
    if reply.page?.language == nil, reply.page != nil { Self.vary(by: "Accept-Language", &headers) }
    guard !settings.corsOrigins.isEmpty else { return headers }
    Self.vary(by: "Origin", &headers)
    guard let origin = request.headers[.origin], settings.corsOrigins.contains(origin) else { return headers }
    headers[HTTPField.Name("Access-Control-Allow-Origin")!] = origin
    headers[HTTPField.Name("Access-Control-Expose-Headers")!] = "ETag, Link, Retry-After"
    headers[HTTPField.Name("Cross-Origin-Resource-Policy")!] = "cross-origin"
    for (name, value) in reply.headers where name.hasPrefix("Access-Control") {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return headers
  }

  private static func vary(by name: String, _ headers: inout HTTPFields) {
    headers[.vary] = headers[.vary].map { "\($0), \(name)" } ?? name
  }

  private func stream(_ client: StreamClient) -> ResponseBody {
    let hub = hub
    return ResponseBody { writer in
      defer { hub.unsubscribe(client) }
      for await chunk in client.chunks {
        try await writer.write(ByteBuffer(bytes: chunk))
        client.took(chunk)
      }
      let reason = client.isTooSlow ? "you read too slowly" : "the bridge is stopping"
      try await writer.write(ByteBuffer(string: "event: dropped\ndata: {\"reason\":\"\(reason)\"}\n\n"))
      try await writer.finish(nil)
    }
  }

  /// FNV-1a, 64 bits: enough to distinguish two versions of a resource.
  static func fingerprint(_ bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return String(hash, radix: 16)
  }
}
