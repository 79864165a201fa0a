/// The kind of a message, as its topic names it.
public enum SparkplugVerb: String, Sendable, CaseIterable {
  case nodeBirth = "NBIRTH"
  case nodeData = "NDATA"
  case nodeDeath = "NDEATH"
  case nodeCommand = "NCMD"
  case deviceBirth = "DBIRTH"
  case deviceData = "DDATA"
  case deviceDeath = "DDEATH"
  case deviceCommand = "DCMD"
}
