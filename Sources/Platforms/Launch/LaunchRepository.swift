import Formats
import RemoteAPIs
import Storage
import Values

/// Which launches of an account to list.
package struct LaunchFilter: Hashable, Sendable {
  package var state: LaunchState?
  /// Only launches requested before this one.
  package var before: TimedID?
  package var limit = 50

  package init() {}
}

/// The SQL of launches.
struct LaunchRepository: Sendable {
  private static let table = StoredTable("launches", key: "account_id", "launch_id")

  func insert(_ launch: Launch, in transaction: any Transaction) throws {
    let (o, video) = (launch.order, launch.order.video.columns)
    try transaction.execute(
      """
      INSERT INTO launches (
        account_id, launch_id, ad_account, name, video_path, video_bytes, video_modified_at, video_url, thumbnail_path,
        page_id, instagram_user_id, ad_set_id, primary_text, headline, description, link, call_to_action, url_tags,
        pixel_id, conversion_domain, requested_at, requested_by, state, state_since, run, uploads)
      VALUES (
        \(launch.accountID), \(launch.id.description), \(launch.adAccount.number.value), \(o.name),
        \(video.path.sqlValue), \((video.stamp?.size).sqlValue), \((video.stamp?.modifiedAt).sqlValue),
        \(video.address.sqlValue), \(o.thumbnailPath.sqlValue), \(o.pageID.value),
        \((o.instagramUserID?.value).sqlValue), \(o.adSetID.value), \(o.text), \(o.headline),
        \(o.description.sqlValue), \(o.link), \(o.callToAction.rawValue), \(launch.urlTags),
        \((o.pixelID?.value).sqlValue), \(o.conversionDomain.sqlValue), \(launch.requestedAt), \(launch.requestedBy),
        \(launch.state.rawValue), \(launch.stateSince), \(launch.run), \(launch.uploads))
      """)
  }

  func get(_ id: TimedID, of account: AccountID, in transaction: any Transaction) throws -> Launch? {
    try transaction.first(
      "SELECT * FROM launches WHERE account_id = \(account) AND launch_id = \(id.description)"
    ).map { row in try Self.table.read(row, Self.launch) }
  }

  /// The account's launches, latest first.
  func list(_ filter: LaunchFilter, of account: AccountID, in transaction: any Transaction) throws -> [Launch] {
    let state: SQL = filter.state.map { " AND state = \($0.rawValue)" } ?? ""
    let before: SQL = filter.before.map { " AND launch_id < \($0.description)" } ?? ""
    return try transaction.query(
      """
      SELECT * FROM launches WHERE account_id = \(account)\(state)\(before)
      ORDER BY launch_id DESC LIMIT \(filter.limit)
      """
    ).map { row in try Self.table.read(row, Self.launch) }
  }

  /// How many launches of the account are in progress.
  func countOpen(of account: AccountID, in transaction: any Transaction) throws -> Int {
    try transaction.first(
      """
      SELECT COUNT(*) AS launches FROM launches
      WHERE account_id = \(account) AND state NOT IN ('launched', 'failed')
      """)?.get("launches") ?? 0
  }

  /// Takes a launch over from whoever worked on it before. Returns whether it exists.
  func take(_ id: TimedID, of account: AccountID, in transaction: any Transaction) throws -> Bool {
    try transaction.execute(
      "UPDATE launches SET run = run + 1 WHERE account_id = \(account) AND launch_id = \(id.description)") > 0
  }

  /// Stores the progress of a launch. Returns false, having stored nothing, where another worker has taken it over.
  func save(_ launch: Launch, in transaction: any Transaction) throws -> Bool {
    let (thumbnail, review) = (launch.thumbnail?.columns, launch.review)
    return try transaction.execute(
      """
      UPDATE launches SET state = \(launch.state.rawValue), state_since = \(launch.stateSince),
        finished_at = \(launch.finishedAt.sqlValue), uploads = \(launch.uploads),
        video_id = \((launch.videoID?.value).sqlValue), session_id = \((launch.sessionID?.value).sqlValue),
        window_start = \((launch.window?.start).sqlValue), window_end = \((launch.window?.end).sqlValue),
        sent_at = \(launch.sentAt.sqlValue), thumbnail_hash = \((thumbnail?.hash).sqlValue),
        thumbnail_url = \((thumbnail?.address).sqlValue), creative_id = \((launch.creativeID?.value).sqlValue),
        ad_id = \((launch.adID?.value).sqlValue),
        problem = \(launch.problem.map { $0.cut(toBytes: 2_000) }.sqlValue),
        resume_state = \((launch.resumeState?.rawValue).sqlValue), verdict = \((review?.verdict.rawValue).sqlValue),
        ad_status = \((review?.status).sqlValue), effective_status = \((review?.effectiveStatus).sqlValue),
        review_reasons = \(review.map { Self.text($0.reasons) }.sqlValue),
        preview_link = \((review?.previewLink).sqlValue), review_read_at = \((review?.readAt).sqlValue)
      WHERE account_id = \(launch.accountID) AND launch_id = \(launch.id.description) AND run = \(launch.run)
      """) > 0
  }

  /// Removes launches that ended before `moment`, over all accounts; returns how many.
  func removeEnded(before moment: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.execute(
      """
      DELETE FROM launches WHERE (account_id, launch_id) IN (
        SELECT account_id, launch_id FROM launches WHERE finished_at < \(moment) ORDER BY finished_at LIMIT \(limit))
      """)
  }

  // MARK: Rows

  private static func launch(from row: Row) throws -> Launch {
    guard let adAccount = MetaAdAccountID(try row.get("ad_account", as: String.self)) else {
      throw DatabaseError.unreadableColumn("ad_account")
    }
    var launch = Launch(
      id: try row.launchID, accountID: try row.get("account_id"), adAccount: adAccount,
      order: try order(from: row), urlTags: try row.get("url_tags"), requestedAt: try row.get("requested_at"),
      requestedBy: try row.get("requested_by"))
    launch.state = try row.word("state")
    launch.stateSince = try row.get("state_since")
    launch.finishedAt = try row.getOptional("finished_at")
    (launch.run, launch.uploads) = (try row.get("run"), try row.get("uploads"))
    launch.videoID = try row.metaIDIfAny("video_id")
    launch.sessionID = try row.metaIDIfAny("session_id")
    if let start: Int64 = try row.getOptional("window_start") {
      launch.window = MetaUploadWindow(start: start, end: try row.get("window_end"))
    }
    launch.sentAt = try row.getOptional("sent_at")
    launch.thumbnail =
      try row.getOptional("thumbnail_hash").map { .hash($0) } ?? row.getOptional("thumbnail_url").map { .address($0) }
    launch.creativeID = try row.metaIDIfAny("creative_id")
    launch.adID = try row.metaIDIfAny("ad_id")
    launch.problem = try row.getOptional("problem")
    if try row.getOptional("resume_state", as: String.self) != nil { launch.resumeState = try row.word("resume_state") }
    launch.review = try review(from: row)
    return launch
  }

  private static func order(from row: Row) throws -> LaunchOrder {
    let video: LaunchOrder.Video
    if let path: String = try row.getOptional("video_path") {
      let stamp = FileStamp(size: try row.get("video_bytes"), modifiedAt: try row.get("video_modified_at"))
      video = .file(path: path, stamp)
    } else {
      video = .address(try row.get("video_url"))
    }
    var order = LaunchOrder(
      name: try row.get("name"), video: video, pageID: try row.metaID("page_id"), adSetID: try row.metaID("ad_set_id"),
      text: try row.get("primary_text"), headline: try row.get("headline"), link: try row.get("link"))
    order.thumbnailPath = try row.getOptional("thumbnail_path")
    order.instagramUserID = try row.metaIDIfAny("instagram_user_id")
    order.description = try row.getOptional("description")
    order.callToAction = try row.word("call_to_action")
    order.pixelID = try row.metaIDIfAny("pixel_id")
    order.conversionDomain = try row.getOptional("conversion_domain")
    return order
  }

  private static func review(from row: Row) throws -> LaunchReview? {
    guard try row.getOptional("verdict", as: String.self) != nil else { return nil }
    let reasons = try JSONReader.read(try row.get("review_reasons", as: String.self)) { try $0.readValue() }
    return LaunchReview(
      verdict: try row.word("verdict"), status: try row.get("ad_status"),
      effectiveStatus: try row.get("effective_status"), reasons: (reasons.arrayValue ?? []).compactMap(\.stringValue),
      previewLink: try row.getOptional("preview_link"), readAt: try row.get("review_read_at"))
  }

  private static func text(_ reasons: [String]) -> String {
    var json = JSONWriter()
    json.array { json in for reason in reasons { json.value(reason) } }
    return json.string
  }
}

extension LaunchOrder.Video {
  fileprivate var columns: (path: String?, stamp: FileStamp?, address: String?) {
    switch self {
    case .file(let path, let stamp): (path, stamp, nil)
    case .address(let address): (nil, nil, address)
    }
  }
}

extension MetaCreativeDraft.Thumbnail {
  fileprivate var columns: (hash: String?, address: String?) {
    switch self {
    case .hash(let hash): (hash, nil)
    case .address(let address): (nil, address)
    }
  }
}

extension Row {
  /// The launch's id. Throws ``DatabaseError/unreadableColumn(_:)``.
  fileprivate var launchID: TimedID {
    get throws {
      guard let id = TimedID(try get("launch_id", as: String.self)) else {
        throw DatabaseError.unreadableColumn("launch_id")
      }
      return id
    }
  }

  /// An id of Meta's. Throws ``DatabaseError/unreadableColumn(_:)``.
  fileprivate func metaID(_ column: String) throws -> MetaID {
    guard let id = MetaID(try get(column, as: String.self)) else { throw DatabaseError.unreadableColumn(column) }
    return id
  }

  /// The same; nil for null.
  fileprivate func metaIDIfAny(_ column: String) throws -> MetaID? {
    try getOptional(column, as: String.self) == nil ? nil : metaID(column)
  }
}
