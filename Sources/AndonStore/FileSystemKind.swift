import Foundation

/// Distinguishes local file systems from network file systems by the kernel's mount table.
package enum FileSystemKind {
  private static let network: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "ocfs2", "gfs2", "glusterfs", "fuse.sshfs",
    "fuse.glusterfs", "lustre",
  ]

  /// The type of the network file system that holds the folder; nil for a local one.
  package static func networkName(at path: String) -> String? {
    guard let table = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return nil }
    let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let mounts = table.split(separator: "\n").map { $0.split(separator: " ") }.filter { $0.count > 2 }
    let holder = mounts.filter { mount in
      let point = String(mount[1])
      return folder == point || folder.hasPrefix(point == "/" ? "/" : point + "/")
    }.max { $0[1].utf8.count < $1[1].utf8.count }
    return holder.map { String($0[2]) }.flatMap { network.contains($0) ? $0 : nil }
  }
}
