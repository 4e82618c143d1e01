"""Write the sample shop: `python -m core.events.synthetic sample_data --truth tests/data/sample_shop_truth.parquet`."""

from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq

from core.events.synthetic.annotators import annotate, annotation_text
from core.events.synthetic.shop import SEED, SESSIONS, generate_shop


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--truth", type=click.Path(dir_okay=False, path_type=Path), help="Where the hidden intents go, if kept.")
@click.option("--seed", default=SEED, show_default=True)
@click.option("--sessions", default=SESSIONS, show_default=True)
def main(folder: Path, truth: Path | None, seed: int, sessions: int) -> None:
    """Write events, items, pictures and annotations of the sample shop to FOLDER."""
    shop = generate_shop(seed, sessions)
    _write(shop.events, folder / "events.parquet")
    _write(shop.items, folder / "items.parquet")
    _write(shop.pictures, folder / "pictures.parquet")
    (folder / "annotations.jsonl").write_text(annotation_text(annotate(shop, seed)), encoding="utf-8")
    if truth:
        _write(shop.truth, truth)
    click.echo(f"{len(shop.events)} events, {len(shop.items)} items in {folder}")


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", compression_level=15)


if __name__ == "__main__":
    main()
