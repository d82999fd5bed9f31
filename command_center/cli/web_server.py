"""The web server around textual-serve, which runs one dashboard for each page."""

import asyncio
import signal
from collections.abc import Callable, Iterable

import aiohttp_jinja2
import jinja2
from aiohttp import web
from textual_serve.server import Server

from command_center.cli.web_guard import TOKEN, Guard, is_encrypted
from command_center.domain.errors import CommandCenterError

_TAKE_KEYS = """\
<script>
  new MutationObserver((_, observer) => {
    if (document.body.classList.contains("-first-byte")) {
      observer.disconnect();
      document.querySelector(".xterm-helper-textarea").focus();
    }
  }).observe(document.body, {attributes: true});
</script>
"""
"""Without it the keys would go nowhere until somebody clicks."""

_LEAVE_S = 3.0
"""How long open pages may take to close at the end."""


class Pages(Server):
    """textual-serve's own handlers, with addresses as the browser sees them."""

    def __init__(self, command: str) -> None:
        super().__init__(command, title="Command Center")
        self._open: set[asyncio.Task[object]] = set()

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One page's dashboard, from its start to its end."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            return await super().handle_websocket(request)
        finally:
            self._open.discard(task)

    async def close_pages(self, _: web.Application) -> None:
        for task in self._open:
            task.cancel()

    async def handle_index(self, request: web.Request) -> web.Response:
        scheme = "wss" if is_encrypted(request) else "ws"
        context = {
            "font_size": 16,
            "app_websocket_url": f"{scheme}://{request.host}/ws",
            "config": {"static": {"url": "/static/"}},
            "application": {"name": self.title},
        }
        page = aiohttp_jinja2.render_template("app_index.html", request, context)
        page.text = (page.text or "").replace("</body>", f"{_TAKE_KEYS}</body>")
        return page


def application(command: str, guard: Guard) -> web.Application:
    pages = Pages(command)
    app = web.Application(middlewares=[guard.middleware])
    app.on_shutdown.append(pages.close_pages)
    aiohttp_jinja2.setup(app, loader=jinja2.FileSystemLoader(pages.templates_path))
    app.add_routes(
        [
            web.get("/", pages.handle_index),
            web.get("/ws", pages.handle_websocket),
            web.static("/static", pages.statics_path),
        ]
    )
    return app


async def serve(
    command: str, host: str, port: int, names: Iterable[str], tell: Callable[[str], object]
) -> None:
    """Runs until SIGINT or SIGTERM. Raises CommandCenterError when it cannot listen there."""
    address = ""

    def tell_link() -> None:
        tell(f"{address}/?{TOKEN}={guard.token}")

    guard = Guard(names, tell_link)
    runner = web.AppRunner(application(command, guard), shutdown_timeout=_LEAVE_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise CommandCenterError(
                f"cannot listen on {host} port {port}: {error.strerror}; try another --port"
            ) from error
        address = _address(host, runner)
        tell_link()
        await _interrupted()
    finally:
        await runner.cleanup()


def _address(host: str, runner: web.AppRunner) -> str:
    port = runner.addresses[0][1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def _interrupted() -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, ended.set)
    await ended.wait()
