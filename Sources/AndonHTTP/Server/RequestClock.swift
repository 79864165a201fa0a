import NIOCore

/// Sees a connection's bytes before they are taken apart: a request begins with its first byte, not with its
/// complete head, and must have arrived as a whole within `patience` of it.
final class RequestClock: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let patience: TimeAmount
  private var timer: Scheduled<Void>?

  init(patience: TimeAmount) { self.patience = patience }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if timer == nil {
      let channel = context.channel
      timer = context.eventLoop.scheduleTask(in: patience) { channel.close(promise: nil) }
    }
    context.fireChannelRead(data)
  }

  /// The request is complete.
  func stop() {
    timer?.cancel()
    timer = nil
  }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { stop() }
}
