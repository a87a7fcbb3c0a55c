"""Loading zones, circles and officers: what a file says of them is what holds from then on."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels import phone, traits
from hotline.cli.loading.shapes import AddressIn, CircleIn, DirectoryFile, Names, OfficerIn, ZoneIn
from hotline.conversation import Places
from hotline.core import db
from hotline.core.datafile import DataFile
from hotline.core.vault import Vault
from hotline.staff import Circle, CircleDistrict, Officer, OfficerAddress, Zone


class Staff:
    """One load of those parts within one transaction; `problems` grows."""

    def __init__(self, tx: Session, vault: Vault, places: Places, file: DataFile) -> None:
        self.tx, self.vault, self.places, self.file = tx, vault, places, file
        self.problems: list[str] = []
        self.districts: dict[str, str] = {}  # of this file -> circle
        self.zones = set(tx.scalars(sa.select(Zone.code)))
        self.circles = {circle.code: circle for circle in tx.scalars(sa.select(Circle))}
        self.officers = {officer.username: officer for officer in tx.scalars(sa.select(Officer))}

    def load(self, content: DirectoryFile) -> None:
        """Write all of them, in the order in which they need each other."""
        for zone in content.zones:
            self._zone(zone)
        for position, circle in enumerate(content.circles):
            self._circle(circle, position)
        for district, owner in self.districts.items():
            self.tx.merge(CircleDistrict(district=district, circle=owner))
        for position, officer in enumerate(content.officers):
            self._officer(officer, position)
        for position, officer in enumerate(content.officers):
            for number, address in enumerate(officer.addresses):
                self._address(self.officers[officer.username], address, position, number)
        for position, circle in enumerate(content.circles):
            self._heads(circle, position)
        desks = [circle.code for circle in self.circles.values() if circle.desk]
        if len(desks) > 1:
            self.problem(f"two desks: {', '.join(sorted(desks))}; exactly one circle may have `desk: true`", "circles")
        if self.circles and not desks:  # nobody would get what has no circle, nor any alarm
            self.problem("no desk: exactly one circle must have `desk: true`", "circles")

    def problem(self, message: str, *where: str | int) -> None:
        """Remember what is wrong, and where."""
        self.problems.append(self.file.problem(message, *where))

    def _zone(self, zone: ZoneIn) -> None:
        if zone.code in self.zones:
            row = self.tx.get_one(Zone, zone.code)
            row.name = _names(zone.name)
            return
        self.zones.add(zone.code)
        self.tx.add(Zone(code=zone.code, name=_names(zone.name)))

    def _circle(self, circle: CircleIn, position: int) -> None:
        if circle.zone not in self.zones:
            self.problem(f"no zone {circle.zone}", "circles", position, "zone")
        row = self.circles.get(circle.code)
        if row is None:
            row = self.circles[circle.code] = Circle(code=circle.code, heads=[])
            self.tx.add(row)
        row.zone, row.name, row.desk = circle.zone, _names(circle.name), circle.desk
        for number, name in enumerate(circle.districts):
            place = self.places.district(name)
            if place is None:
                self.problem(f"no district {name}", "circles", position, "districts", number)
                continue
            owner = self.districts.setdefault(place.code, circle.code)
            if owner != circle.code:
                self.problem(f"{name} is a district of {owner} already", "circles", position, "districts", number)

    def _heads(self, circle: CircleIn, position: int) -> None:
        """Name the heads of circles, only now: officers stand below circles in the file."""
        for number, username in enumerate(circle.head):
            if username not in self.officers:
                self.problem(f"no officer {username}", "circles", position, "head", number)
        self.circles[circle.code].heads = [self.officers[name].id for name in circle.head if name in self.officers]

    def _officer(self, officer: OfficerIn, position: int) -> None:
        if officer.circle not in self.circles:
            self.problem(f"no circle {officer.circle}", "officers", position, "circle")
        row = self.officers.get(officer.username)
        if row is None:
            row = self.officers[officer.username] = Officer(username=officer.username)
            self.tx.add(row)
        row.name, row.rank, row.circle, row.gender = officer.name, officer.rank, officer.circle, officer.gender
        row.languages, row.wish = officer.languages, officer.wish
        row.integrity, row.active = officer.integrity, officer.active
        self.tx.flush()
        self._take_away(row, officer.addresses)

    def _take_away(self, officer: Officer, kept: list[AddressIn]) -> None:
        """Remove the addresses that are not in the file; before any is added, so that phones can be handed on."""
        indexes = {(address.channel, self._index(address)) for address in kept}
        for row in self.tx.scalars(sa.select(OfficerAddress).where(OfficerAddress.officer_id == officer.id)):
            if (row.channel, row.index) not in indexes:
                self.tx.delete(row)  # one by one: every process must notice
        self.tx.flush()

    def _index(self, address: AddressIn) -> bytes:
        return self.vault.index(address.channel, phone.normalise(address.address))

    def _address(self, officer: Officer, address: AddressIn, position: int, number: int) -> None:
        """Give an officer an address, if it is not theirs already."""
        where = ("officers", position, "addresses", number, "address")
        peer = phone.normalise(address.address)
        if traits.of(address.channel).phones and not phone.is_phone(peer):
            self.problem("not a phone number", *where)
            return
        index = self._index(address)
        row = self.tx.scalars(
            sa.select(OfficerAddress).where(OfficerAddress.channel == address.channel, OfficerAddress.index == index)
        ).first()
        if row is not None and row.officer_id != officer.id:
            self.problem("is another officer's address already", *where)
        if row is None:
            row = OfficerAddress(id=db.new_id(), officer_id=officer.id, channel=address.channel, index=index)
            row.address = self.vault.seal_for("worker", peer.encode(), f"officer {address.channel} {row.id}")
            self.tx.add(row)
            self.tx.flush()


def _names(names: Names) -> dict[str, str]:
    return {"en": names.en, "ur": names.ur or names.en, "sd": names.sd or names.en}
