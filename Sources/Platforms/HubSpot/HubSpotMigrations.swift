import Storage

/// The tables of HubSpot's events as received, and of what is known of each deal from them.
package enum HubSpotMigrations {
  package static let all = [
    Migration("0009_hubspot") { dialect in
      [
        """
        CREATE TABLE hubspot_portals (
          portal_id \(type: .integer) PRIMARY KEY,
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          mapped_at \(type: .instant) NOT NULL,
          reconciled_until \(type: .instant),
          reconciled_at \(type: .instant),
          deals_checked \(type: .integer) NOT NULL DEFAULT 0 CHECK (deals_checked >= 0),
          deals_repaired \(type: .integer) NOT NULL DEFAULT 0 CHECK (deals_repaired >= 0),
          ads_repaired \(type: .integer) NOT NULL DEFAULT 0 CHECK (ads_repaired >= 0)
        )\(dialect.tableSuffix)
        """,
        "CREATE INDEX hubspot_portals_by_account ON hubspot_portals (account_id)",
        """
        CREATE TABLE hubspot_events (
          portal_id \(type: .integer) NOT NULL,
          event_key \(type: .text) NOT NULL,
          deal_id \(type: .text) NOT NULL,
          account_id \(type: .text) REFERENCES accounts (account_id) ON DELETE CASCADE,
          state \(type: .text) NOT NULL CHECK (state IN ('parked', 'queued', 'applied', 'ignored')),
          subscription_type \(type: .text) NOT NULL,
          kind \(type: .text) NOT NULL,
          property \(type: .text),
          value \(type: .text),
          merged_into \(type: .text),
          occurred_at \(type: .instant) NOT NULL,
          received_at \(type: .instant) NOT NULL,
          PRIMARY KEY (portal_id, event_key, deal_id),
          CHECK (state = 'parked' OR account_id IS NOT NULL)
        )\(dialect.tableSuffix)
        """,
        """
        CREATE INDEX hubspot_events_to_do ON hubspot_events (account_id, deal_id, occurred_at)
        WHERE state = 'queued'
        """,
        "CREATE INDEX hubspot_events_parked ON hubspot_events (portal_id, received_at) WHERE state = 'parked'",
        "CREATE INDEX hubspot_events_by_age ON hubspot_events (account_id, received_at)",
        """
        CREATE TABLE hubspot_facts (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          deal_id \(type: .text) NOT NULL CHECK (length(deal_id) BETWEEN 1 AND 256),
          property \(type: .text) NOT NULL CHECK (length(property) BETWEEN 1 AND 256),
          occurred_at \(type: .instant) NOT NULL,
          value \(type: .text) NOT NULL CHECK (length(value) <= 1000),
          PRIMARY KEY (account_id, deal_id, property, occurred_at, value)
        )\(dialect.tableSuffix)
        """,
        """
        CREATE TABLE hubspot_deals (
          account_id \(type: .text) NOT NULL REFERENCES accounts (account_id) ON DELETE CASCADE,
          deal_id \(type: .text) NOT NULL CHECK (length(deal_id) BETWEEN 1 AND 256),
          portal_id \(type: .integer) NOT NULL,
          problem \(type: .text),
          configuration_version \(type: .integer) NOT NULL,
          modified_at \(type: .instant),
          worked_at \(type: .instant) NOT NULL,
          PRIMARY KEY (account_id, deal_id)
        )\(dialect.tableSuffix)
        """,
        "CREATE INDEX hubspot_deals_held ON hubspot_deals (account_id, worked_at) WHERE problem IS NOT NULL",
      ]
    }
  ]

  /// Events of before this step have no signer: those that wait for their portal then join no account.
  package static let signers = [
    Migration("0015_event_signers") { dialect in
      [
        "ALTER TABLE hubspot_events ADD COLUMN signer \(type: .text)",
        """
        CREATE TABLE hubspot_refusals (
          portal_id \(type: .integer) NOT NULL,
          reason \(type: .text) NOT NULL,
          events \(type: .integer) NOT NULL CHECK (events > 0),
          detail \(type: .text) NOT NULL CHECK (length(detail) <= 500),
          last_at \(type: .instant) NOT NULL,
          PRIMARY KEY (portal_id, reason)
        )\(dialect.tableSuffix)
        """,
        "CREATE TABLE hubspot_closed_portals (portal_id \(type: .integer) PRIMARY KEY)\(dialect.tableSuffix)",
      ] + closing(dialect)
    }
  ]

  /// A portal whose account is deleted is closed, whatever deletes the account.
  private static func closing(_ dialect: Dialect) -> [SQL] {
    switch dialect {
    case .sqlite:
      [
        """
        CREATE TRIGGER hubspot_portals_close AFTER DELETE ON hubspot_portals
        BEGIN INSERT INTO hubspot_closed_portals (portal_id) VALUES (OLD.portal_id) ON CONFLICT DO NOTHING; END
        """
      ]
    case .postgresql:
      [
        """
        CREATE FUNCTION hubspot_portals_close() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO hubspot_closed_portals (portal_id) VALUES (OLD.portal_id) ON CONFLICT DO NOTHING;
          RETURN OLD;
        END $$
        """,
        """
        CREATE TRIGGER hubspot_portals_close AFTER DELETE ON hubspot_portals
        FOR EACH ROW EXECUTE FUNCTION hubspot_portals_close()
        """,
      ]
    }
  }
}
