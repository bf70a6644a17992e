import Accounts
import Storage

/// The table of launches.
package enum LaunchMigrations {
  package static let all = [
    Migration("0032_launches") { dialect in
      [table(dialect)] + indexes + guards(dialect) + RowSecurityMigrations.walls(dialect)
    }
  ]

  private static func table(_ dialect: Dialect) -> SQL {
    """
    CREATE TABLE launches (
      account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
      launch_id \(type: .text) NOT NULL CHECK (length(launch_id) = 24),
      ad_account \(type: .text) NOT NULL CHECK (length(ad_account) BETWEEN 1 AND 32),
      name \(type: .text) NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
      video_path \(type: .text) CHECK (length(video_path) BETWEEN 1 AND 4096),
      video_bytes \(type: .integer) CHECK (video_bytes BETWEEN 1 AND 4000000000),
      video_modified_at \(type: .instant),
      video_url \(type: .text) CHECK (length(video_url) BETWEEN 9 AND 2000),
      thumbnail_path \(type: .text) CHECK (length(thumbnail_path) BETWEEN 1 AND 4096),
      page_id \(type: .text) NOT NULL CHECK (length(page_id) BETWEEN 1 AND 32),
      instagram_user_id \(type: .text) CHECK (length(instagram_user_id) BETWEEN 1 AND 32),
      ad_set_id \(type: .text) NOT NULL CHECK (length(ad_set_id) BETWEEN 1 AND 32),
      primary_text \(type: .text) NOT NULL CHECK (length(primary_text) BETWEEN 1 AND 2000),
      headline \(type: .text) NOT NULL CHECK (length(headline) BETWEEN 1 AND 255),
      description \(type: .text) CHECK (length(description) BETWEEN 1 AND 255),
      link \(type: .text) NOT NULL CHECK (length(link) BETWEEN 9 AND 1000),
      call_to_action \(type: .text) NOT NULL CHECK (length(call_to_action) BETWEEN 1 AND 40),
      url_tags \(type: .text) NOT NULL CHECK (url_tags LIKE '%{{ad.id}}%'),
      pixel_id \(type: .text) CHECK (length(pixel_id) BETWEEN 1 AND 32),
      conversion_domain \(type: .text) CHECK (length(conversion_domain) BETWEEN 1 AND 253),
      requested_at \(type: .instant) NOT NULL,
      requested_by \(type: .text) NOT NULL CHECK (length(requested_by) BETWEEN 1 AND 200),
      state \(type: .text) NOT NULL CHECK (state IN ('requested', 'uploading', 'processing', 'creative', 'ad', 'launched',
        'failed')),
      state_since \(type: .instant) NOT NULL,
      finished_at \(type: .instant),
      run \(type: .integer) NOT NULL CHECK (run >= 0),
      uploads \(type: .integer) NOT NULL CHECK (uploads BETWEEN 0 AND 100),
      video_id \(type: .text) CHECK (length(video_id) BETWEEN 1 AND 32),
      session_id \(type: .text) CHECK (length(session_id) BETWEEN 1 AND 32),
      window_start \(type: .integer) CHECK (window_start >= 0),
      window_end \(type: .integer) CHECK (window_end >= 0),
      sent_at \(type: .instant),
      thumbnail_hash \(type: .text) CHECK (length(thumbnail_hash) BETWEEN 1 AND 200),
      thumbnail_url \(type: .text) CHECK (length(thumbnail_url) BETWEEN 1 AND 4000),
      creative_id \(type: .text) CHECK (length(creative_id) BETWEEN 1 AND 32),
      ad_id \(type: .text) CHECK (length(ad_id) BETWEEN 1 AND 32),
      problem \(type: .text) CHECK (length(problem) <= 2000),
      resume_state \(type: .text) CHECK (resume_state IN ('requested', 'uploading', 'processing', 'creative', 'ad')),
      verdict \(type: .text) CHECK (verdict IN ('pending', 'approved', 'disapproved', 'with_issues', 'gone', 'unknown')),
      ad_status \(type: .text),
      effective_status \(type: .text),
      review_reasons \(type: .json),
      preview_link \(type: .text),
      review_read_at \(type: .instant),
      PRIMARY KEY (account_id, launch_id),
      CHECK ((video_path IS NULL) <> (video_url IS NULL)),
      CHECK ((video_path IS NULL) = (video_bytes IS NULL) AND (video_path IS NULL) = (video_modified_at IS NULL)),
      CHECK ((window_start IS NULL) = (window_end IS NULL) AND (session_id IS NULL) = (window_start IS NULL)),
      CHECK (state <> 'requested' OR video_id IS NULL),
      CHECK (state NOT IN ('processing', 'creative', 'ad', 'launched') OR video_id IS NOT NULL),
      CHECK (thumbnail_hash IS NULL OR thumbnail_url IS NULL),
      CHECK (state NOT IN ('creative', 'ad', 'launched') OR thumbnail_hash IS NOT NULL OR thumbnail_url IS NOT NULL),
      CHECK (state NOT IN ('ad', 'launched') OR creative_id IS NOT NULL),
      CHECK ((ad_id IS NOT NULL) = (state = 'launched')),
      CHECK ((state = 'failed') = (resume_state IS NOT NULL)),
      CHECK (state <> 'failed' OR problem IS NOT NULL),
      CHECK ((state IN ('launched', 'failed')) = (finished_at IS NOT NULL)),
      CHECK ((verdict IS NULL) = (review_read_at IS NULL) AND (verdict IS NULL) = (effective_status IS NULL)
        AND (verdict IS NULL) = (ad_status IS NULL) AND (verdict IS NULL) = (review_reasons IS NULL))
    )\(dialect.tableSuffix)
    """
  }

  private static let indexes: [SQL] = [
    "CREATE INDEX launches_by_state ON launches (account_id, state)",
    "CREATE INDEX launches_by_end ON launches (finished_at)",
  ]

  /// The moves that a launch's state may make, as `from>to`.
  static let moves = [
    "requested>uploading", "requested>failed", "uploading>processing", "uploading>requested", "uploading>failed",
    "processing>creative", "processing>failed", "creative>ad", "creative>failed", "ad>launched", "ad>failed",
    "failed>requested", "failed>uploading", "failed>processing", "failed>creative", "failed>ad",
  ]

  /// What is to be launched, which stays as it was asked for.
  private static let fixed = [
    "account_id", "launch_id", "ad_account", "name", "video_path", "video_bytes", "video_modified_at", "video_url",
    "thumbnail_path", "page_id", "instagram_user_id", "ad_set_id", "primary_text", "headline", "description", "link",
    "call_to_action", "url_tags", "pixel_id", "conversion_domain", "requested_at", "requested_by",
  ]

  /// The database itself holds launches to their states, to what was asked for, and to what they have made.
  private static func guards(_ dialect: Dialect) -> [SQL] {
    let list = SQL(stringLiteral: moves.map { "'\($0)'" }.joined(separator: ", "))
    let columns = SQL(stringLiteral: fixed.joined(separator: ", "))
    switch dialect {
    case .sqlite:
      return [
        """
        CREATE TRIGGER launches_begin BEFORE INSERT ON launches WHEN NEW.state <> 'requested'
        BEGIN SELECT RAISE(ABORT, 'a launch begins as requested'); END
        """,
        """
        CREATE TRIGGER launches_move BEFORE UPDATE OF state ON launches
        WHEN OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN (\(list))
        BEGIN SELECT RAISE(ABORT, 'a launch cannot go from its state to that one'); END
        """,
        """
        CREATE TRIGGER launches_stay BEFORE UPDATE OF \(columns) ON launches
        BEGIN SELECT RAISE(ABORT, 'what is to be launched stays as it was asked for'); END
        """,
        """
        CREATE TRIGGER launches_keep BEFORE UPDATE OF creative_id, ad_id ON launches
        WHEN (OLD.creative_id IS NOT NULL AND NEW.creative_id IS NOT OLD.creative_id)
          OR (OLD.ad_id IS NOT NULL AND NEW.ad_id IS NOT OLD.ad_id)
        BEGIN SELECT RAISE(ABORT, 'a launch makes one creative and one ad'); END
        """,
      ]
    case .postgresql:
      return [
        """
        CREATE FUNCTION launches_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation';
        END $$
        """,
        """
        CREATE TRIGGER launches_begin BEFORE INSERT ON launches FOR EACH ROW WHEN (NEW.state <> 'requested')
        EXECUTE FUNCTION launches_refuse('a launch begins as requested')
        """,
        """
        CREATE TRIGGER launches_move BEFORE UPDATE OF state ON launches FOR EACH ROW
        WHEN (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN (\(list)))
        EXECUTE FUNCTION launches_refuse('a launch cannot go from its state to that one')
        """,
        """
        CREATE TRIGGER launches_stay BEFORE UPDATE OF \(columns) ON launches FOR EACH ROW
        EXECUTE FUNCTION launches_refuse('what is to be launched stays as it was asked for')
        """,
        """
        CREATE TRIGGER launches_keep BEFORE UPDATE OF creative_id, ad_id ON launches FOR EACH ROW
        WHEN ((OLD.creative_id IS NOT NULL AND NEW.creative_id IS DISTINCT FROM OLD.creative_id)
          OR (OLD.ad_id IS NOT NULL AND NEW.ad_id IS DISTINCT FROM OLD.ad_id))
        EXECUTE FUNCTION launches_refuse('a launch makes one creative and one ad')
        """,
      ]
    }
  }
}
