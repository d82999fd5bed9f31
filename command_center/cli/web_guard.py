"""Who may come in: holders of a link that works once, and of the cookie it is traded for.

A page of somebody else's in the same browser, or a name of theirs that leads here, gets nothing.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

COOKIE = "acc_session"
TOKEN = "token"

_BYTES = 32
_ENTRY = """\
<!doctype html><meta charset="utf-8"><title>Command Center</title>
<meta http-equiv="refresh" content="0;url=/"><a href="/">Command Center</a>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "font-src 'self' data:; img-src 'self' data: blob:; connect-src 'self' ws: wss:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Holds one token that nobody has used yet, and the sessions of those who used one."""

    def __init__(self, names: Iterable[str], on_entry: Callable[[], None]) -> None:
        """`names` are hosts to be believed besides localhost and addresses; `on_entry` is called
        when the token was used and there is a new one.
        """
        self._names = {name.casefold() for name in names} | {"localhost"}
        self._on_entry = on_entry
        self._sessions: list[str] = []
        self.token = secrets.token_urlsafe(_BYTES)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._check_host(request)
        if request.path == "/" and TOKEN in request.query:
            return self._let_in(request)
        if not _is_among(request.cookies.get(COOKIE, ""), self._sessions):
            raise web.HTTPForbidden(text="Use the link that `acc web` printed; it works once.\n")
        if request.path == "/ws":
            self._check_origin(request)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    def _let_in(self, request: web.Request) -> web.Response:
        if not _is_among(request.query[TOKEN], [self.token]):
            raise web.HTTPForbidden(text="This link was used; `acc web` printed a new one.\n")
        session = secrets.token_urlsafe(_BYTES)
        self._sessions.append(session)
        self.token = secrets.token_urlsafe(_BYTES)
        # A page, not a redirect: what follows is asked for by a page of ours, so that a link in
        # somebody's chat works with a cookie that no other site's request carries.
        response = web.Response(text=_ENTRY, content_type="text/html", headers=_HEADERS)
        is_secure = is_encrypted(request)
        response.set_cookie(
            COOKIE, session, httponly=True, samesite="Strict", secure=is_secure, path="/"
        )
        self._on_entry()
        return response

    def _check_host(self, request: web.Request) -> None:
        """A name of an attacker's that leads to our address is not ours."""
        if not self._is_ours(urlsplit(f"//{request.host}").hostname):
            raise web.HTTPForbidden(
                text="This host name is not known here; `acc web --name NAME` allows one.\n"
            )

    def _check_origin(self, request: web.Request) -> None:
        """Browsers let any page open a socket to anywhere, cookies included."""
        origin = urlsplit(request.headers.get("Origin", ""))
        is_same = origin.netloc == request.host
        if not origin.netloc or not (is_same or origin.hostname in self._names - {"localhost"}):
            raise web.HTTPForbidden(text="This page is not ours.\n")

    def _is_ours(self, name: str | None) -> bool:
        if name is None or name.casefold() in self._names:
            return name is not None
        try:
            ip_address(name)
        except ValueError:
            return False
        # An address is no name that somebody could lead here.
        return True


def is_encrypted(request: web.Request) -> bool:
    """Whether the browser sees https, behind a tunnel that says so."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"


def _is_among(given: str, known: Collection[str]) -> bool:
    """Takes as long for a near miss as for any other."""
    found = [secrets.compare_digest(given.encode("utf-8", "replace"), k.encode()) for k in known]
    return any(found)
