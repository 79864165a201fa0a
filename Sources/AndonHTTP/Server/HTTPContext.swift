import Hummingbird
import NIOCore

/// What a request carries beside itself: who sent it, and the connection it came on.
struct HTTPContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// The address of the other end, without its port.
  var client: String { channel.remoteAddress?.ipAddress ?? "local" }
}
