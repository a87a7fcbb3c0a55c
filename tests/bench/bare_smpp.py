"""The other side of the ratio: the same bind; commits one row for each deliver_sm, and answers."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import sqlalchemy as sa

from hotline.channels.smpp.bind import Bind
from hotline.channels.smpp.link import Link
from hotline.channels.smpp.pdu import Packet
from hotline.channels.smpp.receipts import Awaited
from hotline.core.db import Database
from hotline.core.settings import load
from workers.smpp import account

LANES = 4  # commits at the same time

metadata = sa.MetaData()
rows = sa.Table("bare_smpp", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.LargeBinary))


def main() -> None:
    """Run until it is killed."""
    settings = load()
    database, numbers, lanes = Database(settings.database_url), count(), ThreadPoolExecutor(LANES)
    metadata.drop_all(database.engine)
    metadata.create_all(database.engine)

    def commit(link: Link, packet: Packet) -> None:
        with database.transaction() as tx:
            tx.execute(sa.insert(rows).values(id=next(numbers), body=packet.deliver and packet.deliver.payload))
        link.answer(packet)

    def heard(link: Link, packet: Packet) -> None:
        lanes.submit(commit, link, packet)

    Bind(account(settings), heard, Awaited()).run(threading.Event())


if __name__ == "__main__":
    main()
