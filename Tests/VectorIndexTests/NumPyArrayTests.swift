import TestKit
import Testing
import VectorIndex

@Suite("NumPy arrays")
struct NumPyArrayTests {
  /// A file with a header of its own.
  private func file(_ header: String, version: UInt8 = 1, _ values: [Float] = []) -> [UInt8] {
    let length =
      version == 1
      ? [UInt8(header.utf8.count % 256), UInt8(header.utf8.count / 256)]
      : [UInt8(header.utf8.count % 256), UInt8(header.utf8.count / 256), 0, 0]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8)
      + values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
  }

  @Test("what is written is read again", arguments: [0, 1, 3, 1_000] as [Int])
  func roundTrip(rows: Int) throws {
    let values = (0..<(rows * 5)).map { Float($0) / 7 }
    let array = try #require(NumPyArray(columns: 5, values: values))
    #expect(array.rows == rows)
    #expect(try NumPyArray(array.bytes) == array)
    if rows > 1 { #expect(Array(array[1]) == Array(values[5..<10])) }
  }

  @Test("the values begin at a multiple of 64 bytes, behind a line feed")
  func alignment() throws {
    for columns in [1, 10, 384, 65_536] {
      let bytes = try #require(NumPyArray(columns: columns, values: [Float](repeating: 1, count: columns))).bytes
      let start = bytes.count - columns * 4
      #expect(start % 64 == 0 && bytes[start - 1] == UInt8(ascii: "\n"))
    }
  }

  @Test("headers as other programs write them")
  func headers() throws {
    for header in [
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }\n",
      "{'shape':(1,2),'descr':'<f4','fortran_order':False}",
      "  {'fortran_order': False, 'descr': '<f4', 'shape': (1, 2)}   \n",
    ] {
      for version in 1...3 as ClosedRange<UInt8> {
        #expect(try NumPyArray(file(header, version: version, [1, 2])).values == [1, 2])
      }
    }
  }

  @Test(
    "what is no such array is refused with a reason",
    arguments: [
      "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }",
      "{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2), }",
      "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 1), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2), }",
      "{'descr': '<f4', 'descr': '<f4', 'shape': (1, 2), }", "{'descr': '<f4', 'fortran_order': False}", "{", "", "[]",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), } os.system('x')",
    ])
  func refused(header: String) {
    #expect(throws: VectorIndexError.self) { try NumPyArray(file(header, [1, 2])) }
  }

  @Test("a file that ends early, and one that goes on")
  func lengths() throws {
    let bytes = try #require(NumPyArray(columns: 2, values: [1, 2, 3, 4])).bytes
    for length in 0..<bytes.count {
      #expect(throws: VectorIndexError.self) { try NumPyArray(Array(bytes.prefix(length))) }
    }
    #expect(throws: VectorIndexError.self) { try NumPyArray(bytes + [0, 0, 0, 0]) }
  }
}
