/// Why a command is refused: the code and text of its answer.
package struct CommandRefusal: Error {
  package var result: CommandResult

  init(_ code: String, _ detail: String) { result = .refused(code, detail) }
}
