package import AndonCore

/// An alert as the interface shows it: with the names of its site and broker.
package struct AlertView: Sendable, Hashable {
  package var alert: FleetAlert
  package var broker: String
  package var siteName: String
  /// False: it was open, and is not any more.
  package var isOpen = true

  package static let payload = PayloadTable<AlertView>(
    "An open alert of any site.",
    [
      .required("site_id", .identifier("The site")) { $0.alert.key.site },
      .required("broker", .identifier("The broker that it was read from")) { $0.broker },
      .required("site_name", .text("For people")) { $0.siteName },
      .required("alert_id", .text("The alert")) { $0.alert.open.alertID },
      .required("topic", .text("class/source of its topic")) { $0.alert.topic },
      .required("open", .flag("False on the stream when it is over")) { $0.isOpen },
      .required("state", .word("After ISA-18.2")) { $0.alert.open.state },
      .required("severity", .count("OPC UA severity", most: 1000)) { $0.alert.open.severity },
      .required("priority", .text("low, medium, high or urgent")) {
        AlarmRecord.priority(severity: $0.alert.open.severity)
      },
      .required("rule", .text("The rule")) { $0.alert.open.rule },
      .required("source_id", .text("What it is about")) { $0.alert.open.sourceID },
      .optional("name", .text("What people call that")) { $0.alert.open.name },
      .required("message", .text("One English sentence")) { $0.alert.open.message },
      .optional("action", .text("What to do, in English")) { $0.alert.open.action },
      .optional("since_ms", .instant("When the condition began")) { $0.alert.open.sinceMs },
      .optional("raised_ms", .instant("When it became an alert")) { $0.alert.open.raisedMs },
      .optional("acked_by", .text("Who acknowledged it")) { $0.alert.open.ackedBy },
      .optional("link", .text("The alert on the site's own page")) { $0.alert.open.link },
    ])
}
