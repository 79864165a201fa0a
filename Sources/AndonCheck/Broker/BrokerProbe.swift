/// One thing that `andon check` tries at the broker.
protocol BrokerProbe {
  /// Blocks for a few seconds at most, and leaves nothing at the broker. An error is a finding too.
  func run(_ context: BrokerProbeContext) -> [Finding]
}
