"""A local stand-in for Twilio: its Messages API with its checks, signed webhooks, and the phones at the other end.

The demo runs it as a process (`python -m hotline.demo.gateway`), the tests in a thread (`Gateway.serve`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import yaml
from werkzeug.serving import WSGIRequestHandler, make_server

from hotline.local.demo.account import DemoAccount
from hotline.local.demo.api import create_app

POLL = 0.05  # seconds until the server sees that it is to end


class Gateway(DemoAccount):
    """An account with its web side."""

    @contextmanager
    def serve(self, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
        """Serve in threads of this process (port 0: any free one); gives the address, `http://127.0.0.1:40123`."""
        server = make_server(host, port, create_app(self), threaded=True, request_handler=_Quiet)
        serve = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": POLL})
        threads = [serve, threading.Thread(target=self.send_reports)]
        for thread in threads:
            thread.start()
        try:
            yield f"http://{host}:{server.server_port}"
        finally:
            self.close()
            server.shutdown()
            server.server_close()
            for thread in threads:
                thread.join()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write no line per request: the page asks every two seconds."""


def demo_phones() -> dict[str, str]:
    """Names and numbers of the officers in directory.yaml."""
    directory = yaml.safe_load((Path(__file__).parent / "directory.yaml").read_text(encoding="utf-8"))
    return {
        f"{officer['name']}, {officer['rank'].replace('_', ' ')}": address["address"]
        for officer in directory["officers"]
        for address in officer["addresses"]
        if address["channel"] == "sms"
    }


def _pairs(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    if not all("=" in pair for pair in given):
        raise click.BadParameter("NAME=NUMBER, as in Amna=+923000000001")
    return dict(pair.split("=", 1) for pair in given)


@click.command()
@click.option("--port", default=8001, show_default=True)
@click.option("--hotline", required=True, metavar="URL", help="Where the hotline listens.")
@click.option("--public-url", metavar="URL", help="The hotline's HOTLINE_PUBLIC_URL, if it is not the same.")
@click.option("--sid", required=True, envvar="HOTLINE_TWILIO_ACCOUNT_SID", help="The account's id.")
@click.option("--token", required=True, envvar="HOTLINE_TWILIO_AUTH_TOKEN", help="Better in the environment.")
@click.option("--from", "sender", required=True, envvar="HOTLINE_TWILIO_SMS_FROM", help="The hotline's number.")
@click.option("--phones", multiple=True, callback=_pairs, metavar="NAME=NUMBER", help="Default: directory.yaml's.")
def main(
    port: int, hotline: str, public_url: str | None, sid: str, token: str, sender: str, phones: dict[str, str]
) -> None:
    """Stand in for Twilio on this machine, and show the phones at http://127.0.0.1:PORT/."""
    gateway = Gateway(
        account_sid=sid,
        auth_token=token,
        senders=[sender],
        hotline=hotline,
        public_url=public_url,
        phones=phones or demo_phones(),
    )
    with gateway.serve(port=port) as address:
        click.echo(f"phones: {address}/")
        threading.Event().wait()


if __name__ == "__main__":
    main()
