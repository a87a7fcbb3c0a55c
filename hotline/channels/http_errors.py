"""The meaning of a broken HTTP exchange, for the channels that speak through httpx. Heavy: imported by senders only.

=====================================  =========  =======
failure                                retryable  unknown
=====================================  =========  =======
no connection, name, TLS or address    yes        no       the request never left
no answer within time                  yes        yes      the request had left
connection cut                         yes        yes      the request had left
=====================================  =========  =======
"""

import logging

import httpx

from hotline.channels.contract import SendError

TIMEOUT = 10.0  # seconds to connect, and again to answer

# At INFO it logs every URL, and Telegram's hold the token.
logging.getLogger("httpx").setLevel(logging.WARNING)


def broken(error: BaseException | None) -> SendError:
    """Return the meaning of an exception of httpx. Its words, which may hold the URL, are left out."""
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return SendError("api_url", retryable=True)
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ProxyError():
            return SendError("unreachable", retryable=True)
        case httpx.TimeoutException():
            return SendError("timeout", retryable=True, unknown=True)
        case _:
            return SendError("cut_off", retryable=True, unknown=True)
