import Hummingbird
import NIOCore

/// The context of a request: its connection and its sender.
struct HTTPContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// The address of the peer, without its port.
  var client: String { channel.remoteAddress?.ipAddress ?? "local" }
}
