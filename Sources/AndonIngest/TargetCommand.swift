package import AndonCore

/// A command on the site's targets, sent by MQTT or HTTP.
package struct TargetCommand: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    case rate(TargetRate)
    /// So many for the running shift.
    case units(Int64)
    /// As configured again.
    case clear
  }

  package var action: Action
  package var scope: TargetScope
  /// Nil: the site itself.
  package var id: String?
  /// Nil: now; with `units`, the beginning of the running shift.
  package var fromMs: Int64?
  package var labels: TargetLabels
  /// The person who sent it.
  package var by: String
  /// Whether the name was proved by a login or a token: only over HTTP, and not with the shared token.
  package var isByVerified = false

  private static let mostUnits: Int64 = 1_000_000_000

  /// Reads a message on `cmd/target/{name}`.
  package static func read(_ name: String, _ body: CommandRequest.Body) -> Result<
    TargetCommand, CommandRefusal
  > {
    do throws(CommandRefusal) {
      let action = try action(name, body)
      guard let scope = body.scope.flatMap(TargetScope.init) else {
        throw bad("scope must be workstation, line or site")
      }
      guard body.rowID == nil else { throw bad("id must be text") }
      if scope != .site, body.subject == nil { throw bad("id is missing: the \(scope.rawValue)") }
      return .success(
        TargetCommand(
          action: action, scope: scope, id: body.subject, fromMs: body.fromMs,
          labels: TargetLabels(order: body.order, product: body.product), by: body.by ?? "mqtt"))
    } catch {
      return .failure(error)
    }
  }

  private static func action(_ name: String, _ body: CommandRequest.Body) throws(CommandRefusal) -> Action {
    switch name {
    case "clear": return .clear
    case "set": break
    default: throw CommandRefusal("unknown_command", "there is no command target/\(name)")
    }
    switch (body.unitsPerHour, body.units) {
    case (let number?, nil):
      guard let rate = TargetRate(unitsPerHour: number) else {
        throw bad("units_per_hour must be more than 0 and at most 10000000")
      }
      return .rate(rate)
    case (nil, let units?):
      guard 1...mostUnits ~= units else { throw bad("units must be 1…\(mostUnits)") }
      return .units(units)
    default: throw bad("give units_per_hour, or units for the running shift")
    }
  }

  private static func bad(_ detail: String) -> CommandRefusal { CommandRefusal("bad_request", detail) }
}
