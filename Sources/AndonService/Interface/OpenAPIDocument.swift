enum OpenAPIDocument { static let bytes: [UInt8] = [] }
enum AsyncAPIDocument { static func bytes(root: String) -> [UInt8] { [] } }
