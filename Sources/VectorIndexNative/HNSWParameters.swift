/// How large a graph is built and how far it is searched: more of each finds more and takes longer.
package struct HNSWParameters: Hashable, Sendable {
  /// Links of each vector above the lowest level, 2 to 256; twice as many on it.
  package let links: Int
  /// How many candidates a vector's links are chosen from, 1 to 10,000.
  package let buildWidth: Int
  /// How many candidates a search keeps, at least twice its limit, 1 to 10,000.
  package let searchWidth: Int

  /// Numbers beyond the ranges become the nearest end.
  package init(links: Int = 16, buildWidth: Int = 200, searchWidth: Int = 96) {
    self.links = min(max(links, 2), 256)
    self.buildWidth = min(max(buildWidth, 1), 10_000)
    self.searchWidth = min(max(searchWidth, 1), 10_000)
  }
}
