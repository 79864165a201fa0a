import AndonStore
import Mosquitto

/// An error with its effect on a site's health, as text for a person.
package struct SiteFailure: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// Temporary or external (broker, network, disk full): hold and try again.
    case held
    /// The site's file or set-up: the site stops, the others continue; tried again at long intervals.
    case failed(closesStore: Bool)
    /// The peer closed the connection without a reason.
    case closed
    /// Another client connected with this site's client id.
    case takenOver
  }

  package var kind: Kind
  package var words: String
  /// The site's file cannot be written or read: a full or broken disk. On another machine the site could run.
  package var isOfDisk = false

  package init(kind: Kind, words: String) {
    self.kind = kind
    self.words = words
  }

  package init(_ error: any Error, path: String) {
    if let lost = error as? LostConnection, lost.isTakeOver {
      self.init(kind: .takenOver, words: "\(error)")
      return
    }
    if let lost = error as? LostConnection, lost.isMalformedText {
      self.init(kind: .failed(closesStore: false), words: "\(error)")
      return
    }
    guard let fault = StoreFault(error) else {
      let isClosed = error is LostConnection || (error as? MosquittoError)?.isConnectionLost == true
      self.init(kind: isClosed ? .closed : .held, words: "\(error)")
      return
    }
    let words = fault.words(path: path)
    let text = words.isEmpty ? "\(error)" : "\(words) (\(error))"
    switch fault {
    case .busy, .full: self.init(kind: .held, words: text)
    case .inputOutput, .notWritable, .damaged, .refused:
      self.init(kind: .failed(closesStore: fault.needsReopening), words: text)
    }
    switch fault {
    case .full, .inputOutput, .notWritable, .damaged: isOfDisk = true
    case .busy, .refused: break
    }
  }
}
