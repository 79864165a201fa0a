/// What a user of the HTTP listener may see and do. `Role.capabilities` in AndonAccess says what each one allows;
/// docs/access.md has the table.
package enum Role: String, CaseIterable, Sendable {
  case viewer, lead, maintainer, `operator`, admin
}
