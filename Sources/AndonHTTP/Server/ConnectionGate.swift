import NIOCore
import NIOHTTP1

/// Checks requests before the server does: the connection limits, the HTTP version and the one Host header
/// that HTTP/1.1 requires (RFC 9112, 3.2). A refused request is answered and the connection closed.
final class ConnectionGate: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private let ledger: ConnectionLedger
  private let refusals: HTTPRefusals
  private var place = ConnectionLedger.Place.full
  private var client = "local"
  private var end: Scheduled<Void>?
  /// Requests that were passed on and are not completely answered.
  private var unanswered = 0
  private var isRefusing = false
  /// The client speaks HTTP/1.0: no chunked encoding, and the connection closes after the answer.
  private var isOld = false

  init(ledger: ConnectionLedger, refusals: HTTPRefusals) {
    self.ledger = ledger
    self.refusals = refusals
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    client = channel.remoteAddress?.ipAddress ?? "local"
    place = ledger.enter(channel, client: client)
    if case .spare(let reason) = place {
      refusals.count(reason.rawValue, client: client)
      end = context.eventLoop.scheduleTask(in: ConnectionLedger.spareLife) { channel.close(promise: nil) }
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end?.cancel()
    ledger.leave(context.channel)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // Everything after a refusal is ignored.
    guard !isRefusing else { return }
    guard case .head(var head) = unwrapInboundIn(data) else {
      context.fireChannelRead(data)
      return
    }
    if let problem = complaint(about: head) {
      refuse(head, problem, context)
      return
    }
    unanswered += 1
    if head.version == .http1_0 {
      isOld = true
      head.headers.replaceOrAdd(name: "Connection", value: "close")
    }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head) where isOld:
      head.version = .http1_0
      head.headers.replaceOrAdd(name: "Connection", value: "close")
      context.write(wrapOutboundOut(.head(head)), promise: promise)
      return
    case .end: unanswered -= 1
    default: break
    }
    context.write(data, promise: promise)
  }

  private func complaint(about head: HTTPRequestHead) -> Problem? {
    guard head.version == .http1_1 || head.version == .http1_0 else {
      return Problem(status: 505, code: "http_version", detail: "this listener speaks HTTP/1.1 and HTTP/1.0")
    }
    let hosts = head.headers["Host"].count
    guard hosts == 1 || (hosts == 0 && head.version == .http1_0) else {
      let detail = hosts == 0 ? "HTTP/1.1 needs a Host header" : "there must be one Host header, not \(hosts)"
      return Problem(status: 400, code: "bad_host", detail: detail, field: "Host")
    }
    guard case .spare(let reason) = place, !Self.isProbe(head.uri) else { return nil }
    switch reason {
    case .client:
      return .busy(
        429, code: reason.rawValue,
        "\(client) has as many connections as http.max_connections_per_client allows", retryAfterSeconds: 5)
    case .all:
      return .busy(
        503, code: reason.rawValue, "as many connections as http.max_connections allows are open",
        retryAfterSeconds: 5)
    }
  }

  /// The paths that supervisors request; spare connections may request them too.
  static func isProbe(_ uri: String) -> Bool {
    let path = uri.prefix { $0 != "?" }
    return path == "/healthz" || path == "/readyz"
  }

  private func refuse(_ request: HTTPRequestHead, _ problem: Problem, _ context: ChannelHandlerContext) {
    isRefusing = true
    guard unanswered == 0, case .bytes(let bytes) = problem.reply.body else {
      // Another answer is being written: nothing may come between its bytes.
      context.close(promise: nil)
      return
    }
    var headers = HTTPHeaders(problem.headers.map { ($0.name, $0.value) })
    headers.add(name: "Content-Type", value: problem.reply.contentType)
    headers.add(name: "Content-Length", value: "\(bytes.count)")
    headers.add(name: "Cache-Control", value: "no-cache")
    headers.add(name: "X-Content-Type-Options", value: "nosniff")
    headers.add(name: "Connection", value: "close")
    let head = HTTPResponseHead(
      version: .http1_1, status: .init(statusCode: problem.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if request.method != .HEAD {
      context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
  }
}
