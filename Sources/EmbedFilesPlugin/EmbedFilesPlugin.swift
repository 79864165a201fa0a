import Foundation
import PackagePlugin

/// Embeds the files of `dashboard/` into a target.
@main
struct EmbedFilesPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folder = context.package.directoryURL.appending(path: "dashboard", directoryHint: .isDirectory)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { !$0.lastPathComponent.hasPrefix(".") }
    let output = context.pluginWorkDirectoryURL.appending(path: "DashboardFiles.swift")
    return [
      .buildCommand(
        displayName: "Embedding the dashboard", executable: try context.tool(named: "EmbedFiles").url,
        arguments: [folder.path(percentEncoded: false), output.path(percentEncoded: false)],
        inputFiles: files.sorted { $0.path() < $1.path() }, outputFiles: [output])
    ]
  }
}
