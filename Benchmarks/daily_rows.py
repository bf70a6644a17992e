"""The daily rows that imports are measured with: the same for the same seed."""

import csv
import datetime
import random
from pathlib import Path

IMPORT_ADS, IMPORT_DAYS = 2_000, 100
IMPORT_ROWS = IMPORT_ADS * IMPORT_DAYS
COLUMNS = ("ad_id", "date", "impressions", "clicks", "spend")
MAPPING = ",".join(f"{name}={name}" for name in COLUMNS)


def write_daily_rows(path: Path, seed: int) -> None:
    rng = random.Random(seed)
    first = datetime.date(2025, 1, 1)
    days = [(first + datetime.timedelta(days=day)).isoformat() for day in range(IMPORT_DAYS)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for ad in range(IMPORT_ADS):
            ad_id = f"1202{rng.randrange(10**12):012d}{ad:06d}"
            daily, cpm, ctr = rng.uniform(5, 300), rng.uniform(6, 28), rng.uniform(0.004, 0.04)
            for day in days:
                spend = daily * rng.uniform(0.6, 1.1)
                impressions = int(spend / cpm * 1000)
                clicks = min(impressions, int(impressions * ctr * rng.uniform(0.6, 1.4)))
                writer.writerow([ad_id, day, impressions, clicks, f"{spend:.2f}"])
