/// Collects what the server says during a statement. The connection's callback points to it.
final class NoticeLog {
  private(set) var notices: [PostgresNotice] = []

  func add(_ notice: PostgresNotice) {
    if notices.count < PostgresConnection.noticeLimit { notices.append(notice) }
  }

  func take() -> [PostgresNotice] {
    defer { notices = [] }
    return notices
  }
}
