"""An HTTP aggregator's client, and what its failures mean. Imported by the first send only.

==================================================  =========  =======
failure                                             retryable  unknown
==================================================  =========  =======
no connection, name or TLS                          yes        no       the request never left
connection cut, or no answer within time            yes        yes      the request had left
5xx                                                 yes        yes      the aggregator may have taken it
401, 403                                            yes        no       user name, password or address: the operator can mend it
2xx without what the mapping calls taken            yes        no       an error in an answer that says well done
any other 3xx or 4xx                                no         no
==================================================  =========  =======
"""

import re

import httpx

from hotline.channels import http_errors, sms_encoding
from hotline.channels.aggregator.mapping import Outgoing
from hotline.channels.contract import Outbound, SendError


class AggregatorApi:
    """One account's client, for any number of threads."""

    def __init__(self, names: Outgoing, url: str, username: str, password: str, sender: str, timeout: float) -> None:
        self._names, self._url = names, url
        account = ((names.user, username), (names.password, password), (names.sender, sender))
        self._always = {**names.always, **{name: value for name, value in account if name and value}}
        self._taken = re.compile(names.taken)
        self._client = httpx.Client(timeout=timeout)

    def send(self, message: Outbound, status_url: str) -> str:
        """Return the aggregator's reference, or ours where it gives none. Raises SendError."""
        fields = {**self._always, self._names.to: message.address.removeprefix("+"), **self._text(message.text)}
        fields |= {self._names.id: message.id} if self._names.id else {}
        fields |= {self._names.report_url: status_url} if self._names.report_url else {}
        carried = {"query": "params", "form": "data", "json": "json"}[self._names.where]
        try:
            answer = self._client.post(self._url, **{carried: fields})  # type: ignore[arg-type]
            taken = self._taken.search(answer.text) if answer.is_success else None
            if taken is not None:
                return (taken[1] if taken.groups() else "") or message.id
            failure = _refusal(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = http_errors.broken(error)
        # Raised out here so that the library's words are not chained to it.
        raise failure

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _text(self, text: str) -> dict[str, str]:
        cheap = sms_encoding.substitute(text)
        if sms_encoding.encode_plan(cheap).alphabet == "gsm":
            return {self._names.text: cheap}
        unicode = self._names.unicode
        written = cheap.encode("utf-16-be").hex() if unicode.hexadecimal else cheap
        return {**unicode.always, unicode.field: written}


def _refusal(answer: httpx.Response) -> SendError:
    if answer.is_success:
        return SendError("not_accepted", retryable=True)
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return SendError(f"http_{answer.status_code}", retryable=True)
    return SendError(f"http_{answer.status_code}", retryable=answer.is_server_error, unknown=answer.is_server_error)
