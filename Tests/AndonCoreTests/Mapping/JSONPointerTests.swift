import Testing

@testable import AndonCore

/// RFC 6901, with the examples of its section 5 and the texts that its grammar forbids.
@Suite struct JSONPointerTests {
  private static let document = #"""
    {"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,
     "deep":{"list":[{"x":[10,20]},null,true]},"é":9,"\u0074wo":11,"zero":{"01":12,"-":13}}
    """#

  private func value(_ pointer: String) -> String? {
    let bytes = Array(Self.document.utf8)
    guard let pointer = JSONPointer(pointer) else { return "no pointer" }
    return pointer.find(bytes.span, from: 0, depthLimit: 16).map {
      String(decoding: bytes[$0.bytes], as: UTF8.self)
    }
  }

  @Test(arguments: [
    ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/foo/1", #""baz""#), ("/", "0"), ("/a~1b", "1"),
    ("/c%d", "2"), ("/e^f", "3"), ("/g|h", "4"), (#"/i\j"#, "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
    ("/deep/list/0/x/1", "20"), ("/deep/list/1", "null"), ("/deep/list/2", "true"), ("/é", "9"),
    ("/two", "11"), ("/zero/01", "12"), ("/zero/-", "13"),
  ])
  func finds(_ pointer: String, _ expected: String) { #expect(value(pointer) == expected) }

  @Test(arguments: [
    "/foo/2", "/foo/01", "/foo/-", "/foo/-1", "/foo/+1", "/foo/ 1", "/foo/99999999999999999999", "/foo/x",
    "/nothing", "/foo/0/x", "/deep/list/1/x", "//", "/m~0n/0", "/Foo",
  ])
  func findsNothing(_ pointer: String) { #expect(value(pointer) == nil) }

  @Test func theEmptyPointerIsTheWhole() { #expect(value("")?.utf8.count == Self.document.utf8.count) }

  @Test(arguments: ["foo", "foo/bar", "~", "/~", "/~2", "/a~", "/~~0", "#/foo", " /foo"])
  func noPointer(_ text: String) { #expect(JSONPointer(text) == nil) }

  @Test(arguments: ["", "/", "//", "/a~1b/m~0n", "/~01", "/é/0"])
  func isWrittenAsItWasRead(_ text: String) throws {
    #expect(try #require(JSONPointer(text)).description == text)
  }

  @Test func tildeOneOfAnEscapedTildeIsNoSlash() { #expect(JSONPointer("/~01")?.tokens == ["~1"]) }
}
