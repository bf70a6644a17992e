"""Imports a CSV of daily rows into SQLite: one transaction, checked rows, aggregated states."""

import argparse
import csv
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

COLUMNS = ("ad_id", "date", "impressions", "clicks", "spend")
MICROS = 1_000_000
# SQLite's integers end here, and no honest figure comes near.
LARGEST = 2**63 - 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS ad_daily_metrics (
    account_id   TEXT    NOT NULL,
    ad_id        TEXT    NOT NULL,
    date         TEXT    NOT NULL,
    impressions  INTEGER NOT NULL CHECK (impressions >= 0),
    clicks       INTEGER NOT NULL CHECK (clicks >= 0 AND clicks <= impressions),
    spend_micros INTEGER NOT NULL CHECK (spend_micros >= 0),
    PRIMARY KEY (account_id, ad_id, date)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ad_states (
    account_id   TEXT    NOT NULL,
    ad_id        TEXT    NOT NULL,
    impressions  INTEGER NOT NULL,
    clicks       INTEGER NOT NULL,
    spend_micros INTEGER NOT NULL,
    first_date   TEXT    NOT NULL,
    last_date    TEXT    NOT NULL,
    PRIMARY KEY (account_id, ad_id)
) WITHOUT ROWID;
"""

UPSERT_ROW = """
INSERT INTO ad_daily_metrics (account_id, ad_id, date, impressions, clicks, spend_micros)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id, ad_id, date) DO UPDATE SET
    impressions = excluded.impressions, clicks = excluded.clicks, spend_micros = excluded.spend_micros
"""

UPSERT_STATES = """
INSERT INTO ad_states (account_id, ad_id, impressions, clicks, spend_micros, first_date, last_date)
SELECT account_id, ad_id, sum(impressions), sum(clicks), sum(spend_micros), min(date), max(date)
FROM ad_daily_metrics WHERE account_id = ? GROUP BY account_id, ad_id
ON CONFLICT (account_id, ad_id) DO UPDATE SET
    impressions = excluded.impressions, clicks = excluded.clicks, spend_micros = excluded.spend_micros,
    first_date = excluded.first_date, last_date = excluded.last_date
"""


class BadRow(Exception):
    pass


def count(text: str, name: str) -> int:
    # int() alone would also take "1_000", " 7 " and "+7", and LARGEST has 19 digits.
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or (value := int(text)) > LARGEST:
        raise BadRow(f"{name} is not a non-negative integer: {text!r}")
    return value


def micros(text: str) -> int:
    # Decimal, because 0.29 * 1_000_000 as a float is already not 290000.
    try:
        value = Decimal(text) * MICROS
        # Compared before it becomes an int: "1e999999" would be a million digits long.
        in_range = 0 <= value <= LARGEST
    except ArithmeticError:  # no number at all, NaN, or beyond even Decimal
        raise BadRow(f"spend is not a number: {text!r}") from None
    if not in_range or value != (whole := int(value)):
        raise BadRow(f"spend is negative, too large or finer than a micro: {text!r}")
    return whole


def iso_date(text: str) -> str:
    # The length check refuses the other ISO spellings: one day must have one key.
    try:
        if len(text) != 10:
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise BadRow(f"date is not YYYY-MM-DD: {text!r}") from None
    return text


def checked_rows(reader: Iterator[list[str]], account: str) -> Iterator[tuple]:
    header = next(reader, [])
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise BadRow(f"the header lacks {', '.join(missing)}")
    at_ad, at_date, at_impressions, at_clicks, at_spend = map(header.index, COLUMNS)
    width = len(header)
    for row in reader:
        if len(row) != width:
            raise BadRow(f"{len(row)} fields where the header has {width}")
        ad_id = row[at_ad]
        if not ad_id:
            raise BadRow("ad_id is empty")
        impressions = count(row[at_impressions], "impressions")
        clicks = count(row[at_clicks], "clicks")
        if clicks > impressions:
            raise BadRow(f"{clicks} clicks on {impressions} impressions")
        yield account, ad_id, iso_date(row[at_date]), impressions, clicks, micros(row[at_spend])


def import_file(path: str, database: str, account: str) -> int:
    # isolation_level=None: the one transaction is opened and closed here, not by the module.
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(SCHEMA)
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.reader(file, strict=True)
            connection.execute("BEGIN IMMEDIATE")
            try:
                rows = connection.executemany(UPSERT_ROW, checked_rows(reader, account)).rowcount
                connection.execute(UPSERT_STATES, (account,))
                connection.execute("COMMIT")
            except (BadRow, csv.Error) as error:
                connection.execute("ROLLBACK")
                raise BadRow(f"line {reader.line_num}: {error}") from None
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        return max(rows, 0)  # SQLite reports -1 where there was nothing to execute
    finally:
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("database")
    parser.add_argument("--account", default="bench")
    options = parser.parse_args()
    start = time.perf_counter()
    try:
        rows = import_file(options.file, options.database, options.account)
    except BadRow as error:
        sys.exit(f"import_rows: {error}")
    seconds = time.perf_counter() - start
    print(json.dumps({
        "rows": rows,
        "seconds": round(seconds, 4),
        "rows_per_second": round(rows / seconds),
    }))


if __name__ == "__main__":
    main()
