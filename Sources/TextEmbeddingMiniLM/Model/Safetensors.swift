import Formats
import Values

/// The directory of a `safetensors` file: where its tensors are. The length of a JSON header, 8 bytes, little endian;
/// the header; the tensors' bytes.
struct Safetensors {
  /// Why a file is not what it must be.
  struct Fault: Error, Equatable {
    let reason: String
  }

  private struct Tensor {
    let type: String
    let shape: [Int]
    /// Within the file.
    let bytes: Range<Int>
  }

  private static let largestHeader = 1 << 20

  private let file: UnsafeRawBufferPointer
  private var tensors: [String: Tensor] = [:]

  /// Reads the header of `file`, which must stay valid. Throws a ``Fault`` where anything in it lies beyond the file.
  init(_ file: UnsafeRawBufferPointer) throws(Fault) {
    self.file = file
    guard file.count > 8 else { throw Fault(reason: "it is too short") }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length <= min(Self.largestHeader, file.count - 8) else { throw Fault(reason: "its header is too long") }
    let start = 8 + Int(length)
    guard
      let header = try? JSONReader.read(Array(file[8..<start]), { json in try json.readValue() }),
      case .object(let members) = header
    else { throw Fault(reason: "its header is not JSON") }
    for member in members.members where member.key != "__metadata__" {
      guard let tensor = Self.tensor(member.value, from: start, to: file.count) else {
        throw Fault(reason: "its tensor \(member.key) is not as the header says")
      }
      tensors[member.key] = tensor
    }
  }

  private static func tensor(_ value: JSONValue, from start: Int, to end: Int) -> Tensor? {
    guard let type = value["dtype"]?.stringValue, let shape = numbers(value["shape"]),
      let offsets = numbers(value["data_offsets"]), offsets.count == 2, offsets[0] <= offsets[1],
      offsets[1] <= end - start
    else { return nil }
    return Tensor(type: type, shape: shape, bytes: start + offsets[0]..<start + offsets[1])
  }

  /// Whole numbers from 0 on that fit a file.
  private static func numbers(_ value: JSONValue?) -> [Int]? {
    guard let elements = value?.arrayValue, elements.count <= 8 else { return nil }
    let numbers = elements.compactMap { $0.doubleValue.flatMap(Int.init(exactly:)) }
    return numbers.count == elements.count && numbers.allSatisfy { (0...(1 << 48)).contains($0) } ? numbers : nil
  }

  /// The numbers of a tensor in single precision. Throws a ``Fault`` where it is missing or of another type or shape.
  func floats(_ name: String, _ shape: Int...) throws(Fault) -> UnsafeBufferPointer<Float> {
    guard let tensor = tensors[name] else { throw Fault(reason: "it has no tensor \(name)") }
    let count = shape.reduce(1, *)
    guard tensor.type == "F32", tensor.shape == shape, tensor.bytes.count == 4 * count else {
      throw Fault(reason: "its tensor \(name) does not have \(shape.map(String.init).joined(separator: " × ")) floats")
    }
    let bytes = UnsafeRawBufferPointer(rebasing: file[tensor.bytes])
    guard let start = bytes.baseAddress, Int(bitPattern: start) % MemoryLayout<Float>.alignment == 0 else {
      throw Fault(reason: "its tensor \(name) is not aligned")
    }
    return UnsafeBufferPointer(start: start.assumingMemoryBound(to: Float.self), count: count)
  }
}
