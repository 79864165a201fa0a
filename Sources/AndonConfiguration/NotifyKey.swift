/// The keys of a route of `notify`.
enum NotifyKey {
  /// The keys that the reader accepts and the reference describes.
  static let all: [KeyDescription] = identity + secrets + match

  private static let identity: [KeyDescription] = [
    .init(
      path: "id", form: "1 to 64 of [A-Za-z0-9_-]", isRequired: true,
      help: "The route. What waits for it is kept under this name: another name is another route."),
    .init(
      path: "kind", form: "`webhook`, `smtp` or `alertmanager`", isRequired: true, help: "How it is told."),
    .init(
      path: "url", form: "address",
      help:
        "`https://host/path` or `http://…` of a webhook, the root of an Alertmanager (`/api/v2/alerts` is added), "
        + "`smtps://host:465` (TLS) or `smtp://host:587` (STARTTLS) of a mail server. This or `url_file`."),
    .init(
      path: "url_file", form: "file", help: "File with the address, where the address itself is a secret."),
    .init(
      path: "ca_file", form: "file",
      help: "The authority that signed the receiver's certificate (PEM); without it, those of the system."),
    .init(
      path: "timeout", form: "duration, 1s…60s",
      help: "How long one attempt may take; 10s without the key."),
    .init(
      path: "send_resolved", form: "true or false",
      help:
        "Also tell that an alert of which the route got a page was acknowledged or is over. Without the key, true but "
        + "for mails. An Alertmanager always hears when it is over."),
    .init(
      path: "escalate_after", form: "duration, 1m…24h",
      help:
        "The routes below this one get a page of this route only when it was not acknowledged within that time."
    ),
  ]

  private static let secrets: [KeyDescription] = [
    .init(
      path: "secret_file", form: "file",
      help: "Webhooks: file with the key of the signature in the header `X-Andon-Signature`."),
    .init(
      path: "token_file", form: "file", help: "Webhooks and Alertmanagers: file with a bearer token."),
    .init(
      path: "username", form: "text",
      help: "The bridge's user at the receiver; together with password_file."),
    .init(path: "password_file", form: "file", help: "File with the password."),
    .init(path: "from", form: "mail address", help: "Mails: the sender; required."),
    .init(
      path: "to", form: "list of mail addresses", help: "Mails: the recipients, at most 50; required."),
  ]

  private static let match: [KeyDescription] = [
    .init(path: "match", form: "section", help: "Which alerts the route gets; without it, all that page."),
    .init(
      path: "match.class", form: "list of classes", help: "Classes of alerts, as in the topic: drift, …"),
    .init(
      path: "match.priority", form: "list of some of medium, high, urgent",
      help: "Priorities. `low` is advice, which does not page."),
    .init(path: "match.site", form: "list of sites", help: "Sites of this configuration."),
    .init(
      path: "match.line", form: "list of lines",
      help: "Lines of the sites: alerts of cameras and workstations that belong to one of them."),
    .init(
      path: "match.time", form: "list",
      help: "Spans of the week by the site's wall clock; the route gets what comes in one of them."),
    .init(
      path: "match.time[].days", form: "list of some of mon, tue, wed, thu, fri, sat, sun",
      help: "The days on which the span begins; without the key, every day."),
    .init(
      path: "match.time[].start", form: "time of day in quotes, \"06:00\"", isRequired: true,
      help: "Its beginning, which belongs to it."),
    .init(
      path: "match.time[].end", form: "time of day in quotes, \"22:00\"", isRequired: true,
      help: "Its end, which does not belong to it; at or before the start means the next day."),
  ]
}
