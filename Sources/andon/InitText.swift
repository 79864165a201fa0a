import AndonConfiguration

/// The configuration that `andon init` writes: each section with its meaning, and as a comment what may come next.
struct InitText {
  private let answers: InitAnswers

  init(_ answers: InitAnswers) { self.answers = answers }

  var yaml: String { [head, broker, topics, http, site, mappings].joined(separator: "\n") }

  /// An id or a number as it is, any other text in quotes.
  private static func plain(_ text: String) -> String {
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    let isID =
      (try? /[A-Za-z][A-Za-z0-9_\/-]*/.wholeMatch(in: text)) != nil && !words.contains(text.lowercased())
    return isID || Double(text) != nil ? text : quoted(text)
  }

  private static func quoted(_ text: String) -> String {
    let inner = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: " "
      default: String(scalar)
      }
    }
    return "\"\(inner.joined())\""
  }

  private var head: String {
    """
    # Andon: the configuration of one bridge, made by andon init.
    #   andon check says what is wrong with it, one line a finding; andon run runs it, SIGHUP reads it again.
    # A commented line (#) that is a key shows a default or an example. All keys: docs/configuration.md
    # Relative paths count from the folder that the bridge is started in.

    bridge:
      # Names this process, at the broker and in topics. Two bridges at one broker need two names.
      id: bridge-01
      # The events of each site, one SQLite file a site: on a local disk.
      data_dir: \(Self.quoted(answers.dataFolder))

    """
  }

  private var broker: String {
    let login =
      answers.user.isEmpty
      ? """
        # username: bridge
        # password_file: /etc/andon/credentials/mqtt-password
      """
      : "  username: \(Self.plain(answers.user))"
        + (answers.passwordFile.isEmpty ? "" : "\n  password_file: \(Self.quoted(answers.passwordFile))")
    let authority =
      answers.authority.isEmpty
      ? "  # tls: {ca_file: /etc/andon/ca.crt}" : "  tls: {ca_file: \(Self.quoted(answers.authority))}"
    return """
      broker:
        # mqtt://host:1883 in the clear, mqtts://host:8883 with TLS. It must speak MQTT 5.
        url: \(Self.plain(answers.broker))
        # The bridge's user at the broker, and a file that holds its password and nothing else.
      \(login)
        # Who signed the broker's certificate (PEM); only together with mqtts://.
      \(authority)

      """
  }

  private var topics: String {
    """
    topics:
      # What all topics begin with: cameras send to \(answers.root)/{site}/camera/{camera}/event.
      root: \(Self.plain(answers.root))
      # Each figure also as a bare number on a topic of its own, for panels that cannot read JSON.
      # scalar_tags: true

    """
  }

  private var http: String {
    """
    http:
      # The dashboard and the API. An address that other machines reach needs the token for reading, too.
      listen: \(Self.quoted(answers.listen))
      # Who has this token may acknowledge alerts and give stops their reasons.
      token_file: \(Self.quoted(answers.tokenFile))

    """
  }

  // MARK: The site

  private var site: String {
    """
    sites:
      # The id is part of every topic. It cannot be changed later: another id is another site.
      - id: \(Self.plain(answers.site))
        name: \(Self.quoted(answers.name.isEmpty ? answers.site : answers.name))
        # IANA name. Shifts and days are by its clock.
        timezone: \(Self.plain(answers.timeZone))
        # When work is planned. Without shifts there are no stops and no figures of a shift.
    \(shifts)
        # Areas and their lines: figures of a line, and a target of units an hour for it.
    \(areas)
        # Why workstations stand: the reasons to choose from on the board.
        stops:
          reasons:
            - {id: material, name: No material}
            - {id: fault, name: Fault}
            - {id: changeover, name: Changeover, planned: true}

    """
  }

  private var shifts: String {
    let parts = answers.shiftParts
    guard !parts.isEmpty else {
      return """
            # shifts:
            #   - {id: early, start: "06:00", end: "14:00", breaks: [{start: "10:00", end: "10:15"}]}
            #   - {id: late, start: "14:00", end: "22:00", days: [mon, tue, wed, thu, fri]}
        """
    }
    let lines = parts.map { shift in
      "      - {id: \(Self.plain(shift.id)), start: \(Self.quoted(shift.start)), end: \(Self.quoted(shift.end))}"
    }
    return (["    shifts:"] + lines).joined(separator: "\n")
  }

  private var areas: String {
    let workstations = answers.workstationIDs
    guard !workstations.isEmpty else {
      return """
            # areas:
            #   - {id: hall-1, lines: [{id: line-1, name: Line 1, workstations: [S3, S4], cameras: [cam-01]}]}
            # targets:
            #   - {scope: line, id: line-1, units_per_hour: 75}
        """
    }
    let list = workstations.map(Self.plain).joined(separator: ", ")
    let cameras = answers.camera.map { ", cameras: [\(Self.plain($0))]" } ?? ""
    let target =
      answers.target.isEmpty
      ? ["    # targets:", "    #   - {scope: line, id: line-1, units_per_hour: 75}"]
      : ["    targets:", "      - {scope: line, id: line-1, units_per_hour: \(Self.plain(answers.target))}"]
    let lines = ["        - {id: line-1, name: Line 1, workstations: [\(list)]\(cameras)}"]
    return (["    areas:", "      - id: hall-1", "        lines:"] + lines.map { "  " + $0 } + target)
      .joined(separator: "\n")
  }

  private var mappings: String {
    let profiles = (try? answers.profiles()) ?? []
    let site = Self.plain(answers.site)
    guard !profiles.isEmpty else {
      return """
        # Cameras with topics and payloads of their own: ready profiles, or your own mapping (docs/mapping.md).
        # mappings:
        #   - {profile: frigate-events, site: \(site)}

        """
    }
    return
      (["# How the payload of these cameras becomes events: docs/mapping.md", "mappings:"]
      + profiles.map { "  - {profile: \($0), site: \(site)}" }).joined(separator: "\n") + "\n"
  }
}
