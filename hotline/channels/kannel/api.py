"""Kannel's sendsms, and what its failures mean. Imported by the first send only.

==================================================  =========  =======
failure                                             retryable  unknown
==================================================  =========  =======
no connection, name or TLS                          yes        no       the request never left
connection cut, or no answer within time            yes        yes      the request had left
5xx that is not Kannel's "Temporal failure"         yes        yes      a proxy spoke; Kannel may have taken it
503 "Temporal failure, try again later"             yes        no       its queue is full, or no operator is bound
401, 403                                            yes        no       user name, password or address: the operator can mend it
2xx without "0: Accepted" or "3: Queued" in it      yes        no       an error in an answer that says well done
any other 3xx or 4xx                                no         no       "Not routable", a number that is none
==================================================  =========  =======
"""

import httpx

from hotline.channels import http_errors, sms_encoding
from hotline.channels.contract import Outbound, SendError

REPORTS = "31"  # delivered, failed, buffered, taken, refused
TAKEN = ("0:", "3:", "Sent.")
VALIDITY = "15"  # minutes: later the reader may be somewhere else, beside somebody else
_CODINGS = {"gsm": "0", "ucs2": "2"}  # Kannel itself guesses neither: Urdu in coding 0 leaves as question marks


class KannelApi:
    """One gateway's client, for any number of threads. `url`: that of sendsms; `sender` empty: Kannel's own."""

    def __init__(self, url: str, username: str, password: str, sender: str, timeout: float) -> None:
        self._url = url
        self._headers = {"X-Kannel-Username": username, "X-Kannel-Password": password, "X-Kannel-Charset": "UTF-8"}
        self._headers |= {"X-Kannel-From": sender} if sender else {}
        self._client = httpx.Client(timeout=timeout)

    def send(self, message: Outbound, status_url: str) -> str:
        """Return the row's id, once Kannel took the message. Raises SendError."""
        text = sms_encoding.substitute(message.text)
        headers = {
            **self._headers, "X-Kannel-To": message.address, "X-Kannel-DLR-Mask": REPORTS, "X-Kannel-DLR-Url": status_url,
            "X-Kannel-Coding": _CODINGS[sms_encoding.encode_plan(text).alphabet], "X-Kannel-Validity": VALIDITY,
            "Content-Type": "text/plain; charset=UTF-8",
        }  # fmt: skip
        try:
            failure = _refusal(self._client.post(self._url, headers=headers, content=text.encode()))
            if failure is None:
                return message.id
        except UnicodeEncodeError:
            failure = SendError("address", retryable=False)  # no header takes it, so no phone has it
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = http_errors.broken(error)
        # Raised out here so that the library's words are not chained to it.
        raise failure

    def close(self) -> None:
        """End the connections."""
        self._client.close()


def _refusal(answer: httpx.Response) -> SendError | None:
    said = answer.text.strip()
    if answer.is_success:
        return None if said.startswith(TAKEN) else SendError("not_accepted", retryable=True)
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        return SendError(f"http_{answer.status_code}", retryable=True)
    if answer.is_server_error:
        return SendError(f"http_{answer.status_code}", retryable=True, unknown=not said.startswith("Temporal failure"))
    return SendError(f"http_{answer.status_code}", retryable=False)
