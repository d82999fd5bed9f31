"""What a terminal hands to the screen, line by line."""

from collections.abc import Sequence

from rich.style import Style
from textual.app import App, ComposeResult
from textual.filter import LineFilter, Monochrome
from textual.geometry import Region
from textual.strip import Strip

from command_center.tui.ansi import PLAIN
from command_center.tui.pane_rows import Row
from command_center.tui.terminal import Terminal


class TerminalApp(App[None]):
    def __init__(self, *filters: LineFilter, has_own_colors: bool = False) -> None:
        """`has_own_colors`: the terminal's palette is meant, and nothing translates it."""
        super().__init__(ansi_color=has_own_colors)
        self._extra = filters

    def compose(self) -> ComposeResult:
        yield Terminal()

    def on_mount(self) -> None:
        self.terminal.put([Row(f"\x1b[31mline {n}", PLAIN) for n in range(5)], 80)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._extra]

    @property
    def terminal(self) -> Terminal:
        return self.query_one(Terminal)

    def lines(self) -> list[Strip]:
        """All of them, as the screen asks for them."""
        return self.terminal.render_lines(self.terminal.size.region)


def style_of(strip: Strip) -> Style:
    style = next(iter(strip)).style
    assert style is not None
    return style


async def test_a_line_is_handed_on_as_it_was_drawn() -> None:
    async with TerminalApp(has_own_colors=True).run_test(size=(40, 8)) as pilot:
        assert isinstance(pilot.app, TerminalApp)
        lines = pilot.app.lines()
        assert [line.text.rstrip() for line in lines[:6]] == [*(f"line {n}" for n in range(5)), ""]
        assert all(line.cell_length == 40 for line in lines)
        assert all(pilot.app.terminal.render_line(n) is line for n, line in enumerate(lines[:5]))


async def test_a_part_of_the_lines_is_cut_out() -> None:
    async with TerminalApp().run_test(size=(40, 8)) as pilot:
        assert isinstance(pilot.app, TerminalApp)
        part = pilot.app.terminal.render_lines(Region(2, 1, 5, 2))
        assert [line.text for line in part] == ["ne 1 ", "ne 2 "]


async def test_the_line_that_changed_is_drawn_anew() -> None:
    async with TerminalApp().run_test(size=(40, 8)) as pilot:
        assert isinstance(pilot.app, TerminalApp)
        before = pilot.app.lines()
        rows = [Row(f"\x1b[31mline {n}", PLAIN) for n in range(5)]
        pilot.app.terminal.put([*rows[:3], Row("news", PLAIN), rows[4]], 80)
        after = pilot.app.lines()
        assert after[3].text.rstrip() == "news"
        assert [y for y, line in enumerate(after) if line is not before[y]] == [3]


async def test_another_theme_and_another_size_reach_every_line() -> None:
    async with TerminalApp().run_test(size=(40, 8)) as pilot:
        app = pilot.app
        assert isinstance(app, TerminalApp)
        dark = [style_of(line).bgcolor for line in app.lines()]
        app.theme = "textual-light"
        await pilot.pause()
        assert all(
            style_of(line).bgcolor != was for line, was in zip(app.lines(), dark, strict=True)
        )
        await pilot.resize_terminal(30, 10)
        await pilot.pause()
        assert [line.cell_length for line in app.lines()] == [30] * 10


async def test_what_filters_the_screen_filters_it_too() -> None:
    async with TerminalApp(Monochrome()).run_test(size=(40, 8)) as pilot:
        assert isinstance(pilot.app, TerminalApp)
        color = style_of(pilot.app.lines()[0]).color
        assert color is not None
        red, green, blue = color.get_truecolor()
        assert red == green == blue
