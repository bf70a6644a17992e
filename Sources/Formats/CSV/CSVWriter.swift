/// Writes comma-separated records as RFC 4180 describes them.
public struct CSVWriter {
  /// One record, ended by CR LF; fields with commas, quotes or line ends are quoted.
  ///
  /// A record of one empty field is written as `""`, because a blank line would not be read as a record. Text that a
  /// spreadsheet would interpret as a formula is written unchanged.
  public static func line(_ fields: [String]) -> String {
    if fields == [""] { return "\"\"\r\n" }
    return fields.map(field).joined(separator: ",") + "\r\n"
  }

  private static func field(_ text: String) -> String {
    guard text.utf8.contains(where: needsQuotes) else { return text }
    var quoted: [UInt8] = [ASCII.quote]
    for byte in text.utf8 {
      if byte == ASCII.quote { quoted.append(ASCII.quote) }
      quoted.append(byte)
    }
    quoted.append(ASCII.quote)
    return String(decoding: quoted, as: UTF8.self)
  }

  private static func needsQuotes(_ byte: UInt8) -> Bool {
    byte == ASCII.comma || byte == ASCII.quote || byte == ASCII.lineFeed || byte == ASCII.carriageReturn
  }
}
