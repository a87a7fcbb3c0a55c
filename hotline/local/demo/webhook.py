"""Calls to the hotline as Twilio makes them: form fields, signed with the account's token."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

TIMEOUT = 15.0  # seconds, as long as Twilio waits for an answer


class Webhook:
    """Posts to the hotline at `hotline`; calls are signed for `public_url`, the address that the hotline goes by."""

    def __init__(self, auth_token: str, hotline: str, public_url: str) -> None:
        self._validator = RequestValidator(auth_token)
        self._hotline, self._public_url = hotline.rstrip("/"), public_url.rstrip("/")
        # Always straight there: a proxy of the environment knows nothing of this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def post(self, path: str, fields: Mapping[str, str]) -> int:
        """Post to a path of the hotline; returns the HTTP status, 0 if nobody answers."""
        return self.post_to(self._public_url + path, fields)

    def post_to(self, url: str, fields: Mapping[str, str]) -> int:
        """Post to a URL that the hotline named; one under its public address goes to where it really listens."""
        return self.converse(url, fields)[0]

    def converse(self, url: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """Post as `post_to` does; returns the HTTP status and what was answered."""
        here = url
        if not self._hotline:
            return 0, ""
        if url.startswith(f"{self._public_url}/"):
            here = self._hotline + url.removeprefix(self._public_url)
        request = urllib.request.Request(here, urlencode(fields).encode(), method="POST")  # noqa: S310  ours
        request.add_header("X-Twilio-Signature", self._validator.compute_signature(url, fields))
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as error:
            error.close()
            return error.code, ""
        except OSError:
            return 0, ""
