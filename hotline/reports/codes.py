"""Reference codes: what a reporter asks with, and how a report is found by one."""

from secrets import randbelow

import sqlalchemy as sa
from sqlalchemy.orm import Session
from stdnum import luhn

from hotline.core.vault import Vault
from hotline.reports.tables import Report

CODE_DIGITS = 10  # with the check digit: 10^9 codes, read out over a phone in three breaths


def new_code() -> str:
    """A reference code: digits only, unbroken, the last one a check digit."""
    payload = str(randbelow(9 * 10 ** (CODE_DIGITS - 2)) + 10 ** (CODE_DIGITS - 2))
    return payload + str(luhn.calc_check_digit(payload))


def looks_like_code(text: str) -> bool:
    """Tell whether a text is a reference code with a right check digit."""
    return len(text) == CODE_DIGITS and text.isascii() and text.isdigit() and luhn.is_valid(text)


def by_code(tx: Session, keys: Vault, code: str) -> Report | None:
    """The report of a reference code."""
    return tx.scalars(sa.select(Report).where(Report.code == keys.digest("code", code))).first()
