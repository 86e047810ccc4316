"""One request, with redirects followed by hand so that none leaves https."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from keras_wembed.version import __version__

AGENT = {"User-Agent": f"keras-wembed/{__version__}", "Accept-Encoding": "identity"}


class Refused(Exception):
    """This address will not serve the file: trying again is of no use."""


class Interrupted(Exception):
    """The network failed: trying again may help."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how often to try.

    Args:
        connect: Seconds to wait for a connection.
        read: Seconds to wait for the next bytes.
        tries: How often one address is asked after failures in a row.
        pause: Seconds before the second try; doubled before each later one.
        redirects: How many are followed.
    """

    connect: float = 10.0
    read: float = 30.0
    tries: int = 4
    pause: float = 0.5
    redirects: int = 5


def get(
    session: requests.Session,
    url: str,
    headers: dict[str, str],
    patience: Patience,
    *,
    http: bool = False,
) -> requests.Response:
    """The open response of an address, after its redirects.

    Args:
        session: Keeps connections.
        url: The address.
        headers: What to send beside our own.
        patience: How long to wait.
        http: Whether plain http is allowed for `url` itself, as for a user's mirror.

    Raises:
        Refused: On a redirect to http, too many redirects, or a status 4xx.
        Interrupted: On a status 5xx, or when the network fails.
    """
    start = url
    for _ in range(patience.redirects + 1):
        try:
            check_scheme(url, http and url == start)
            response = session.get(
                url,
                headers=AGENT | headers,
                stream=True,
                allow_redirects=False,
                timeout=(patience.connect, patience.read),
            )
        except requests.RequestException as error:
            raise Interrupted(reason(error)) from error
        except (ValueError, urllib3.exceptions.HTTPError) as error:
            raise Refused(f"its answer is malformed ({error})") from error
        if not response.is_redirect:
            return checked(response)
        response.close()
        url = urljoin(url, response.headers["Location"])
    raise Refused(f"more than {patience.redirects} redirects")


def check_scheme(url: str, http: bool) -> None:
    """Refuses what is neither https, nor http to this machine or to a mirror."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and (http or loopback(url))):
        return
    raise Refused(f"{url} is no https address")


def loopback(url: str) -> bool:
    """Whether an address names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked(response: requests.Response) -> requests.Response:
    """The response, if its status says that the file comes."""
    status = response.status_code
    if status in (200, 206, 416):
        return response
    response.close()
    text = f"status {status} {response.reason}"
    if status >= 500 or status in (408, 429):
        raise Interrupted(text)
    raise Refused(text)


def reason(error: Exception) -> str:
    """What failed, without the nesting that requests puts around it."""
    kinds = {
        requests.exceptions.ReadTimeout: "no bytes came in time",
        requests.exceptions.ConnectTimeout: "no connection in time",
        requests.exceptions.SSLError: "TLS failed",
        requests.exceptions.ConnectionError: "the connection failed",
        requests.exceptions.ChunkedEncodingError: "the connection was cut",
    }
    for kind, text in kinds.items():
        if isinstance(error, kind):
            return text
    return str(error) or type(error).__name__
