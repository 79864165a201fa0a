// swift-tools-version: 6.2
import PackageDescription

/// The settings of all targets: warnings are errors, and every existential, import and isolation is explicit.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// For the targets that handle raw memory, and those that must never do so.
let strict = house + [.strictMemorySafety()]

// Targets stand in the order in which data pass through them.
let package = Package(
  name: "andon",
  products: [.executable(name: "andon", targets: ["andon"])],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
  ],
  targets: [
    .systemLibrary(
      name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
    .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CSQLiteSetup", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "Mosquitto", dependencies: ["CMosquitto"], swiftSettings: strict),
    .target(name: "Curl", dependencies: ["CCurl"], swiftSettings: strict),
    .target(name: "Postgres", dependencies: ["CPostgres"], swiftSettings: strict),
    .target(name: "AndonCore", swiftSettings: strict),
    .target(
      name: "AndonRuntime",
      dependencies: [
        "AndonCore", "Mosquitto",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonConfiguration",
      dependencies: [
        "AndonCore", "AndonRuntime", "Mosquitto", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonAccess",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "Curl",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "JWTKit", package: "jwt-kit"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonPrivacy",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonPrivacyReport",
      dependencies: ["AndonCore", "AndonRuntime", "AndonConfiguration", "AndonAccess"],
      swiftSettings: house),
    .target(
      name: "AndonStore",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "CSQLiteSetup", "CZlib",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonCentral",
      dependencies: ["AndonCore", "AndonRuntime", "AndonConfiguration", "AndonStore", "Postgres"],
      swiftSettings: house),
    .target(
      name: "AndonIngest",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonPrivacy", "AndonStore", "Mosquitto",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonStatus",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonStore", "Mosquitto",
        .product(name: "Metrics", package: "swift-metrics"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonPublish",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonStore", "AndonIngest", "AndonStatus",
        "Mosquitto",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonNotify",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonStore", "AndonStatus", "Curl",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonSparkplug",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonStore", "AndonIngest", "AndonStatus",
        "AndonPublish",
        "Mosquitto",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonOverview",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonStatus", "Mosquitto",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonHTTP",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonAccess", "AndonStore", "AndonIngest",
        "AndonStatus",
        "AndonPublish", "AndonOverview",
        "Mosquitto", "CZlib",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: house, plugins: ["EmbedFilesPlugin"]),
    .executableTarget(name: "EmbedFiles", swiftSettings: house),
    .plugin(
      name: "EmbedFilesPlugin", capability: .buildTool(), dependencies: ["EmbedFiles"],
      path: "Sources/EmbedFilesPlugin"),
    .target(
      name: "AndonBridge",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonAccess", "AndonStore", "AndonIngest",
        "AndonStatus",
        "AndonPublish",
        "AndonNotify", "AndonSparkplug", "AndonHTTP", "AndonCentral", "Mosquitto", "Postgres",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonOverviewServer",
      dependencies: [
        "AndonRuntime", "AndonConfiguration", "AndonAccess", "AndonCentral", "AndonStatus", "AndonPublish",
        "AndonOverview", "AndonHTTP", "Mosquitto",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonCheck",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonAccess", "AndonStore", "AndonIngest",
        "AndonStatus",
        "AndonPublish",
        "AndonNotify", "AndonHTTP", "Mosquitto",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: house),
    .target(
      name: "AndonSimulation",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonStore", "AndonIngest", "AndonStatus",
        "AndonPublish", "Mosquitto",
      ],
      swiftSettings: house),
    .executableTarget(
      name: "andon",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonAccess", "AndonStore", "AndonIngest",
        "AndonStatus",
        "AndonPublish",
        "AndonNotify", "AndonHTTP", "AndonBridge", "AndonCheck", "AndonCentral", "AndonPrivacyReport",
        "AndonOverview", "AndonOverviewServer",
        "AndonSimulation",
        "Mosquitto", "Postgres",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: house),
    // Benchmarks. Not a product: `swift build --product andon` does not build it, and no package contains it.
    .executableTarget(
      name: "andon-bench",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonStore", "AndonIngest", "AndonPublish",
        "AndonSimulation", "AndonCentral", "Postgres",
        "Mosquitto",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      path: "Benchmarks/AndonBench", swiftSettings: house),
    .target(
      name: "CFaultVFS", path: "Tests/CFaultVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
      name: "TestSupport", dependencies: ["AndonCore", "Mosquitto", "CFaultVFS"], path: "Tests/TestSupport",
      swiftSettings: house),
    .testTarget(
      name: "MosquittoTests", dependencies: ["Mosquitto", "TestSupport"], swiftSettings: house),
    .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestSupport"], swiftSettings: house),
    .testTarget(
      name: "AndonCentralTests",
      dependencies: [
        "AndonCentral", "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonStore", "AndonIngest",
        "Postgres",
        "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(name: "AndonCoreTests", dependencies: ["AndonCore", "TestSupport"], swiftSettings: house),
    .testTarget(
      name: "AndonServiceTests",
      dependencies: [
        "AndonCore", "AndonRuntime", "AndonConfiguration", "AndonAccess", "AndonStore", "AndonCentral",
        "Postgres", "AndonIngest",
        "AndonStatus",
        "AndonPublish",
        "AndonNotify", "AndonSparkplug", "AndonHTTP", "AndonBridge", "AndonCheck", "AndonPrivacyReport",
        "AndonOverview", "AndonOverviewServer",
        "AndonSimulation", "Curl",
        "Mosquitto", "TestSupport",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "JWTKit", package: "jwt-kit"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: house),
  ]
)
