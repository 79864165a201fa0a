/// A target as the API gives it.
extension TargetSpan {
  package static let payload = PayloadTable<(subject: TargetSubject, span: TargetSpan)>(
    "A target and when it holds.",
    [
      .required("scope", .word("What it is for")) { $0.subject.scope },
      .required("id", .identifier("The workstation, line or site")) { $0.subject.id },
      .optional("from_ms", .instant("When it begins; absent when it has held always")) {
        $0.span.startMs == .min ? nil : $0.span.startMs
      },
      .optional("to_ms", .instant("The first instant at which it no longer holds; absent for none")) {
        $0.span.endMs == .max ? nil : $0.span.endMs
      },
      .required("units_per_hour", .decimal("Units in an hour of planned time", digits: 6)) {
        $0.span.rate.microUnitsPerHour
      },
      .optional("order", .text("The order, if one was named")) { $0.span.labels.order },
      .optional("product", .text("The product, if one was named")) { $0.span.labels.product },
    ])

  package func json(_ subject: TargetSubject) -> [UInt8] {
    Self.payload.json((subject, self), capacity: 192)
  }
}
