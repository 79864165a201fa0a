import Foundation

/// Tells local file systems from those reached over a network, by the magic numbers of statfs(2).
enum FileSystemKind {
  private static let network: [Int: String] = [
    0x6969: "NFS", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x517B: "SMB", 0x0102_1997: "9P",
    0x00C3_6400: "Ceph", 0x5346_414F: "AFS", 0x7461_636F: "OCFS2", 0x0116_1970: "GFS2",
  ]

  /// The name of the network file system that holds the folder, or nil for a local one.
  static func networkName(at path: String) -> String? {
    var information = statfs()
    guard statfs(path, &information) == 0 else { return nil }
    return network[Int(information.f_type) & 0xFFFF_FFFF]
  }
}
