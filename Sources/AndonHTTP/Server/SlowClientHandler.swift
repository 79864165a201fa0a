import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Closes connections of slow clients: a request that is not complete in time once it began, and a reader
/// that does not read its answer.
///
/// ```
/// first byte ──→ timer ──→ end: timer off   not writable ──→ timer ──→ writable again: timer off
///                  └─ fires: close                             └─ fires: close
/// ```
/// The server's idle timeout bounds how long a connection may be silent.
final class SlowClientHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart

  private let patience: TimeAmount
  private let clock: RequestClock
  private let gate: ConnectionGate
  private var writing: Scheduled<Void>?

  init(patience: TimeAmount, gate: ConnectionGate) {
    self.patience = patience
    clock = RequestClock(patience: patience)
    self.gate = gate
  }

  /// Adds the two other handlers around the HTTP decoder: one sees the bytes, the other the original requests
  /// with their version.
  func handlerAdded(context: ChannelHandlerContext) {
    let pipeline = context.pipeline.syncOperations
    do {
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(clock, position: .before(decoder))
      try pipeline.addHandler(gate, position: .after(decoder))
    } catch {
      // Without them the connection has no limits.
      context.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .end = unwrapInboundIn(data) { clock.stop() }
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
    writing?.cancel()
    writing = nil
  }

  private func closeLater(_ context: ChannelHandlerContext) -> Scheduled<Void> {
    let channel = context.channel
    return context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
  }
}
