extension StoreSchema {
  /// Pages for receivers outside of MQTT.
  ///
  /// `notification` has what still has to be sent, in order; a row whose `due_ms` lies ahead is an escalation and is
  /// deleted when somebody acknowledges before. `notification_open` has the alerts of which a route gets or got a page,
  /// until they are over.
  static let notify = """
    CREATE TABLE notification (
      seq           INTEGER PRIMARY KEY AUTOINCREMENT,
      route         TEXT    NOT NULL,
      alert_id      TEXT    NOT NULL,
      model_version TEXT    NOT NULL,
      priority      TEXT    NOT NULL,
      queued_ms     INTEGER NOT NULL,
      due_ms        INTEGER NOT NULL,
      payload       BLOB    NOT NULL
    ) STRICT;
    CREATE INDEX notification_by_route ON notification (route, seq);
    CREATE INDEX notification_by_alert ON notification (alert_id, model_version, due_ms);

    CREATE TABLE notification_open (
      route         TEXT    NOT NULL,
      alert_id      TEXT    NOT NULL,
      model_version TEXT    NOT NULL,
      priority      TEXT    NOT NULL,
      due_ms        INTEGER NOT NULL,
      payload       BLOB    NOT NULL,
      PRIMARY KEY (alert_id, model_version, route)
    ) STRICT, WITHOUT ROWID;
    """
}
