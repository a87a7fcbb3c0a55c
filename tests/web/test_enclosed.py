"""What reporters sent along, at the console: seen by those who see the report, without what it hides; originals by few."""

import pytest
import sqlalchemy as sa

from hotline.reports import attachments
from hotline.reports.attachments.tables import AttachmentBody
from tests.journeys.world import World
from tests.reports.attachments import samples
from tests.web.site import Browser, Site

REPORTER = "+923000000099"
LAHORE = "لاہور میں بھٹے پر زبردستی کام"


def sent(world: World, *files: bytes, text: str = LAHORE) -> str:
    """A tip with files; gives the address of its sheet."""
    world.send(REPORTER, text, None, *(files or (samples.jpeg(),)))
    return f"/reports/{world.report().id}"


def addresses(world: World) -> list[str]:
    """Of the attachments of the one report."""
    with world.database.reading() as tx:
        report = world.report().id
        return [f"/reports/{report}/attachments/{row.id}" for row in attachments.of_report(tx, report)]


def accepts(world: World, site: Site, name: str) -> Browser:
    browser = site.at_console(name)
    browser.opens(f"/reports/{world.report().id}")
    browser.sends(f"/reports/{world.report().id}/accept")
    return browser


def test_the_sheet_says_what_is_there_and_shows_the_picture(world: World, site: Site) -> None:
    sheet, browser = sent(world), site.at_console("amna")
    browser.opens(sheet)
    assert "is being fetched" in browser.page.text
    assert "<img" not in browser.page.html
    world.collects()
    browser.opens(sheet)
    (address,) = addresses(world)
    assert f'<img src="{address}"' in browser.page.html
    assert address in browser.page.links
    assert f"{address}/original" not in browser.page.links


def test_the_copy_is_served_as_a_picture_that_tells_nothing_and_runs_nothing(world: World, site: Site) -> None:
    sent(world)
    world.collects()
    (address,) = addresses(world)
    answer = site.at_console("amna").opens(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert not [word for word in samples.HIDDEN if word in answer.data]
    headers = answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].endswith("sandbox")
    assert headers["Content-Disposition"].startswith("inline")
    assert world.record("attachment_read") == [("attachment_read", {"attachment": address.rpartition("/")[2]})]


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (None, "did not arrive, asked for again"),
        (b"<svg/>", "of a kind that is not taken"),
        (b"%PDF-1.7", "original only"),
    ],
)
def test_what_there_is_no_copy_of_is_named(world: World, site: Site, body: bytes | None, state: str) -> None:
    sheet = sent(world, body or samples.jpeg())
    if body is None:
        world.shelf.files.clear()
    world.collects()
    browser = site.at_console("amna")
    browser.opens(sheet)
    assert state in browser.page.text
    assert browser.opens(addresses(world)[0]).status_code == 404


def test_a_film_is_played_piece_by_piece(world: World, site: Site) -> None:
    sheet = sent(world, samples.film(), samples.voice())
    world.collects()
    browser = site.at_console("amna")
    browser.opens(sheet)
    film, voice = addresses(world)
    assert f'<video src="{film}"' in browser.page.html
    assert f'<audio src="{voice}"' in browser.page.html
    whole = browser.opens(film)
    piece = browser.opens(film, Range="bytes=4-7")
    assert (whole.status_code, whole.mimetype) == (200, "video/mp4")
    assert (piece.status_code, piece.data) == (206, b"ftyp")


def test_the_original_is_for_who_has_the_report_and_for_hq(world: World, site: Site) -> None:
    original = samples.jpeg()
    sent(world, original)
    world.collects()
    address = f"{addresses(world)[0]}/original"
    assert site.at_console("amna").opens(address).status_code == 404
    assert world.events("denied", "original_read") == ["denied"]
    amna = accepts(world, site, "amna")
    assert address in amna.page.links
    answer = amna.opens(address)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, original, "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert site.at_console("bilal").opens(address).status_code == 404
    world.forward(hours=30)  # nothing is done, and HQ is paged
    assert site.at_console("fatima").opens(address).data == original
    assert world.events("original_read") == ["original_read"] * 2


def test_for_another_circle_and_for_the_wrong_report_it_does_not_exist(world: World, site: Site) -> None:
    sent(world)
    world.collects()
    address = addresses(world)[0]
    report, attachment = world.report().id, address.rpartition("/")[2]
    gulnaz = site.at_console("gulnaz")
    for path in (address, f"{address}/original"):
        answer, unknown = gulnaz.opens(path), gulnaz.opens(f"/reports/{'0' * 32}")
        assert answer.status_code == unknown.status_code == 404
        assert answer.text == unknown.text
    world.send("+923000000078", "کراچی میں زبردستی کام")
    other = next(one.id for one in world.reports() if one.id != report)
    assert gulnaz.opens(f"/reports/{other}").status_code == 200
    assert gulnaz.opens(f"/reports/{other}/attachments/{attachment}").status_code == 404
    assert gulnaz.opens(f"/reports/{other}/attachments/%00").status_code == 404
    assert world.events("attachment_read", "unopenable") == []


def test_about_an_official_it_is_for_integrity_officers_alone(world: World, site: Site) -> None:
    sent(world)
    world.collects()
    address = addresses(world)[0]
    amna = site.at_console("amna")
    assert amna.opens(address).status_code == 200
    for answer in ("1", "Lahore", "1", "9", "1", "9", "2", "1"):
        world.send(REPORTER, answer)
    assert world.report().integrity
    assert amna.opens(address).status_code == 404
    fatima = site.at_console("fatima")
    assert fatima.opens(address).status_code == 200
    assert fatima.opens(f"{address}/original").status_code == 200


def test_a_damaged_one_is_not_shown_and_is_on_record(world: World, site: Site) -> None:
    sent(world)
    world.collects()
    with world.transaction() as tx:
        tx.execute(sa.update(AttachmentBody).values(body=b"x" * 200))
    assert site.at_console("amna").opens(addresses(world)[0]).status_code == 404
    assert world.events("unopenable", "attachment_read") == ["unopenable"]


def test_the_timeline_says_it_in_words_and_paper_says_how_many(world: World, site: Site) -> None:
    sheet = sent(world, samples.png(), samples.png())
    world.collects()
    browser = site.at_console("amna")
    browser.opens(sheet)
    assert "The reporter sent along: Picture (×2)" in " ".join(browser.page.text.split())
    assert "What was sent along: has arrived (×2)" in " ".join(browser.page.text.split())
    browser.opens(f"{sheet}/print")
    assert "Sent along: 2" in browser.page.text
    assert "<img" not in browser.page.html
