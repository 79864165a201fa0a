/// Ready-made mappings for known camera systems, in the notation of the configuration.
package enum MappingProfile {
  /// In the order of the documentation.
  package static let names = all.map(\.name)

  package static func yaml(_ name: String) -> String? { all.first { $0.name == name }?.yaml }

  private static let all: [(name: String, yaml: String)] = [
    ("frigate-classification", frigateClassification), ("frigate-events", frigateEvents),
    ("onvif-ej", onvif), ("axis-object-analytics", axis), ("axis-object-analytics-area", axisArea),
    ("deepstream", deepStream),
  ]

  /// A state classification model of one place: the payload is the bare name of the state, sent when it
  /// changes, without time and confidence.
  private static let frigateClassification = """
    topic: frigate/{camera}/classification/{model}
    payload: text
    fields:
      camera_id: "{camera}"
      worker_id: "{camera}"
      workstation_id: "{camera}"
      event_type: $
      confidence: {value: "1"}
      timestamp: receipt
      model_version: "{model}"
    """

  /// Tracked persons: visible and moving, visible and still, gone.
  private static let frigateEvents = """
    topic: frigate/events
    when:
      /after/label: person
      /after/false_positive: "false"
    fields:
      camera_id: /after/camera
      worker_id: [/after/sub_label/0, /after/sub_label, /after/camera]
      workstation_id: [/after/current_zones/0, /after/camera]
      event_type:
        - {from: /type, map: {end: absent}}
        - {from: /after/stationary, map: {"true": idle, "false": working}}
      confidence: [/after/score, /after/top_score]
      timestamp:
        - {from: /after/end_time, unit: s_float}
        - {from: /after/frame_time, unit: s_float}
      event_id: /after/id
    """

  /// Counters of the rule engine (ONVIF Profile M, JSON events).
  private static let onvif = """
    topic: "{camera}/onvif-ej/RuleEngine/CountAggregation/Counter/#"
    count_mode: total
    fields:
      camera_id: "{camera}"
      workstation_id: {from: /Source/Rule, as: id}
      event_type: {value: product_count}
      count: /Data/Count
      timestamp: {from: /UtcTime, unit: rfc3339}
    """

  /// Crossline counting.
  private static let axis = """
    topic: axis/{serial}/event/tns:axis/CameraApplicationPlatform/ObjectAnalytics/{scenario}
    when: {/message/data/total: "*"}
    count_mode: total
    fields:
      camera_id: "{serial}"
      workstation_id: "{scenario}"
      event_type: {value: product_count}
      count: /message/data/total
      timestamp: {from: /timestamp, unit: ms}
    """

  /// Object in area: the place is occupied or empty.
  private static let axisArea = """
    topic: axis/{serial}/event/tns:axis/CameraApplicationPlatform/ObjectAnalytics/{scenario}
    when: {/message/data/active: ["0", "1"]}
    fields:
      camera_id: "{serial}"
      worker_id: "{scenario}"
      workstation_id: "{scenario}"
      event_type: {from: /message/data/active, map: {"1": working, "0": absent}}
      confidence: {value: "1"}
      timestamp: {from: /timestamp, unit: ms}
    """

  /// The full schema, one message per object.
  private static let deepStream = """
    topic: deepstream
    when: {/object/person: "*"}
    fields:
      camera_id: {from: /sensor/id, as: id}
      worker_id: {from: /place/id, as: id}
      workstation_id: {from: /place/name, as: id}
      event_type:
        from: /event/type
        map: {entry: working, moving: working, stopped: idle, parked: idle, exit: absent, empty: absent}
      confidence: /object/person/confidence
      timestamp: {from: "/@timestamp", unit: rfc3339}
      event_id: /messageid
      model_version: /analyticsModule/version
    """
}
