/// The keys of a broker of `overview`.
enum OverviewKey {
  /// The keys that the reader accepts and the reference describes.
  static let all: [KeyDescription] = [
    .init(
      path: "name", form: "1 to 64 of [A-Za-z0-9_-]", isRequired: true,
      help: "The broker on the page and in the interface."),
    .init(
      path: "root", form: "topic levels of [A-Za-z0-9_-]",
      help: "What its topics begin with, as `topics.root` of its bridges; andon/v1 without the key."),
    .init(
      path: "dashboard", form: "address",
      help:
        "The address of a site's own page, with `{site}` in place of its id: "
        + "`https://north.example/#/{site}`. Without it tiles have no link."),
    .init(
      path: "broker", form: "section", isRequired: true,
      help: "How to reach it: the keys of [broker](#broker), such as `url`, `username` and `password_file`."),
  ]
}
