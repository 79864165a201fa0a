import CMosquitto
import Glibc

extension ConnectionSettings {
  /// Applies the settings to a new handle before it connects.
  func apply(to handle: OpaquePointer) throws(MosquittoError) {
    // Without this the library sends what it queues at once, acknowledgements included.
    try unsafe check(mosquitto_threaded_set(handle, true), "use an own loop")
    try unsafe set(MOSQ_OPT_PROTOCOL_VERSION, Int32(MQTT_PROTOCOL_V5), "ask for MQTT 5", on: handle)
    if port != 0 { try unsafe set(MOSQ_OPT_TCP_NODELAY, 1, "set TCP_NODELAY", on: handle) }
    try unsafe set(
      MOSQ_OPT_RECEIVE_MAXIMUM, Int32(receiveMaximum), "set the receive maximum", on: handle)
    try unsafe set(MOSQ_OPT_SEND_MAXIMUM, 65_535, "set the send maximum", on: handle)
    if username != nil || password != nil {
      try unsafe check(
        mosquitto_username_pw_set(handle, username, password?.revealed), "set the user name")
    }
    if let tls { try unsafe apply(tls, to: handle) }
    if let will { try unsafe apply(will, to: handle) }
  }

  private func apply(_ tls: TLSSettings, to handle: OpaquePointer) throws(MosquittoError) {
    for path in [tls.caFile, tls.certFile, tls.keyFile].compactMap(\.self) {
      guard unsafe access(path, R_OK) != 0 else { continue }
      throw MosquittoError(operation: "read the TLS file \(path)", code: MOSQ_ERR_ERRNO, errno: errno)
    }
    if tls.caFile == nil {
      try unsafe set(MOSQ_OPT_TLS_USE_OS_CERTS, 1, "use the system's certificates", on: handle)
    }
    if tls.caFile != nil || tls.certFile != nil || tls.keyFile != nil {
      // The call needs a file or a folder; besides the system's own set the folder adds nothing.
      try unsafe check(
        mosquitto_tls_set(
          handle, tls.caFile, tls.caFile == nil ? "/etc/ssl/certs" : nil, tls.certFile, tls.keyFile, nil),
        "set up TLS (certificate and key go together)")
    }
    // 1 is SSL_VERIFY_PEER; the version is the lowest allowed, not the only one.
    try unsafe check(mosquitto_tls_opts_set(handle, 1, "tlsv1.2", nil), "require a verified peer")
    try unsafe check(mosquitto_tls_insecure_set(handle, false), "require the host's name")
  }

  private func apply(_ will: Will, to handle: OpaquePointer) throws(MosquittoError) {
    var properties = PropertyList()
    if will.delaySeconds > 0 { properties.add(MQTT_PROP_WILL_DELAY_INTERVAL, int32: will.delaySeconds) }
    if let type = will.contentType { properties.add(MQTT_PROP_CONTENT_TYPE, string: type) }
    try check(properties.failure, "set the will on \(will.topic)")
    try unsafe check(
      mosquitto_will_set_v5(
        handle, will.topic, Int32(clamping: will.payload.count), will.payload, will.qos, will.retain,
        properties.head),
      "set the will on \(will.topic)")
    // On success the library owns the properties.
    properties.release()
  }

  private func set(
    _ option: mosq_opt_t, _ value: Int32, _ operation: String, on handle: OpaquePointer
  ) throws(MosquittoError) {
    try unsafe check(mosquitto_int_option(handle, option, value), operation)
  }

  private func check(_ code: Int32, _ operation: String) throws(MosquittoError) {
    guard code != Int32(MOSQ_ERR_SUCCESS.rawValue) else { return }
    throw MosquittoError(operation: operation, code: code, errno: errno, log: [])
  }
}
