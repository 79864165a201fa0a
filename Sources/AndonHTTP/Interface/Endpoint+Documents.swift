import AndonConfiguration

extension Endpoint {
  /// The interface documents.
  static let documents: [Endpoint] = [
    Endpoint(
      path: "/openapi.json", operation: .openapi, summary: "This API as OpenAPI 3.1.",
      answers: [.init(help: "The document.")]
    ) { _, services in
      var reply = APIReply.json(
        services.fleet == nil ? OpenAPIDocument.bytes : OpenAPIDocument.overviewBytes)
      reply.maxAge = 300
      return reply
    },
    Endpoint(
      path: "/asyncapi.json", operation: .asyncapi, summary: "The MQTT interface as AsyncAPI 3.0.",
      answers: [.init(help: "The document.")]
    ) { _, services in
      var reply = APIReply.json(AsyncAPIDocument.bytes(root: services.settings.topics.root))
      reply.maxAge = 300
      return reply
    },
  ]

  /// Every endpoint.
  static let all =
    health + [me, accessLog] + figures + stops + timeline + reports + [compare] + targets + calendar
    + records
    + quarantine
    + workers
    + alarms
    + cameras
    + ingest
    + stream
    + documents
}
