"""Imports a CSV of daily rows into PostgreSQL with psycopg: COPY into a temporary table, then one INSERT from there."""

import argparse
import csv
import sys

import psycopg
from import_rows import BadRow, checked_rows

SCHEMA = """
CREATE TABLE IF NOT EXISTS peer_daily_metrics (
    account_id   TEXT   NOT NULL,
    ad_id        TEXT   NOT NULL,
    date         DATE   NOT NULL,
    impressions  BIGINT NOT NULL CHECK (impressions >= 0),
    clicks       BIGINT NOT NULL CHECK (clicks >= 0 AND clicks <= impressions),
    spend_micros BIGINT NOT NULL CHECK (spend_micros >= 0),
    PRIMARY KEY (account_id, ad_id, date)
);
CREATE TABLE IF NOT EXISTS peer_states (
    account_id   TEXT   NOT NULL,
    ad_id        TEXT   NOT NULL,
    impressions  BIGINT NOT NULL,
    clicks       BIGINT NOT NULL,
    spend_micros BIGINT NOT NULL,
    first_date   DATE   NOT NULL,
    last_date    DATE   NOT NULL,
    PRIMARY KEY (account_id, ad_id)
);
CREATE TEMPORARY TABLE incoming (LIKE peer_daily_metrics) ON COMMIT DROP;
"""

UPSERT_ROWS = """
INSERT INTO peer_daily_metrics SELECT * FROM incoming
ON CONFLICT (account_id, ad_id, date) DO UPDATE SET
    impressions = excluded.impressions, clicks = excluded.clicks, spend_micros = excluded.spend_micros
"""

UPSERT_STATES = """
INSERT INTO peer_states
SELECT account_id, ad_id, sum(impressions), sum(clicks), sum(spend_micros), min(date), max(date)
FROM peer_daily_metrics WHERE account_id = %s GROUP BY account_id, ad_id
ON CONFLICT (account_id, ad_id) DO UPDATE SET
    impressions = excluded.impressions, clicks = excluded.clicks, spend_micros = excluded.spend_micros,
    first_date = excluded.first_date, last_date = excluded.last_date
"""


def import_file(path: str, url: str, account: str) -> None:
    # One transaction: committed at the end of the block, taken back where it is left by an error.
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.reader(file, strict=True)
            try:
                with cursor.copy("COPY incoming FROM STDIN") as copy:
                    for row in checked_rows(reader, account):
                        copy.write_row(row)
            except (BadRow, csv.Error) as error:
                raise BadRow(f"line {reader.line_num}: {error}") from None
        cursor.execute(UPSERT_ROWS)
        cursor.execute(UPSERT_STATES, (account,))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("url")
    parser.add_argument("--account", default="bench")
    options = parser.parse_args()
    try:
        import_file(options.file, options.url, options.account)
    except BadRow as error:
        sys.exit(f"import_postgres: {error}")


if __name__ == "__main__":
    main()
