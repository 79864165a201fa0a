/// Which sites a list of the overview is of: parameters `broker` and `find`.
struct FleetFilter {
  private let broker: String?
  /// In lower case.
  private let find: String?

  init(_ request: APIRequest) {
    (broker, find) = (request.text("broker"), request.text("find")?.lowercased())
  }

  func shows(site: String, name: String, broker own: String) -> Bool {
    guard broker == nil || broker == own else { return false }
    guard let find else { return true }
    return name.lowercased().contains(find) || site.lowercased().contains(find)
  }
}
