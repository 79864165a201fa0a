import NIOCore
import NIOHTTPTypes

/// Cuts connections whose other end is too slow: a request that does not arrive in time once it began, and a
/// reader that does not take its answer.
///
/// ```
/// head ──→ timer ──→ end: timer off        not writable ──→ timer ──→ writable again: timer off
///            └─ fires: close                                  └─ fires: close
/// ```
/// How long a connection may say nothing at all is the server's own idle timeout.
final class PatienceHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart

  private let patience: TimeAmount
  private var reading: Scheduled<Void>?
  private var writing: Scheduled<Void>?

  init(patience: TimeAmount) { self.patience = patience }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      reading?.cancel()
      reading = closeLater(context)
    case .body: break
    case .end:
      reading?.cancel()
      reading = nil
    }
    context.fireChannelRead(data)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    writing?.cancel()
    writing = context.channel.isWritable ? nil : closeLater(context)
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    cancel()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { cancel() }

  private func cancel() {
    reading?.cancel()
    writing?.cancel()
    (reading, writing) = (nil, nil)
  }

  private func closeLater(_ context: ChannelHandlerContext) -> Scheduled<Void> {
    let channel = context.channel
    return context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }
}
