from pathlib import Path

from command_center.domain.places import Places

HOME = Path("/h/ada")


def test_the_defaults_follow_the_specification() -> None:
    places = Places.of({}, HOME)
    assert places.config == HOME / ".config" / "command-center"
    assert places.data == HOME / ".local" / "share" / "command-center"
    assert places.state == HOME / ".local" / "state" / "command-center"
    assert places.socket == "command-center"


def test_the_environment_moves_each_folder() -> None:
    environ = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s"}
    places = Places.of(environ, HOME)
    assert places.settings == Path("/c/command-center/config.toml")
    assert places.worktrees == Path("/d/command-center/worktrees")
    assert places.log == Path("/s/command-center/log.sqlite")


def test_a_relative_folder_is_ignored() -> None:
    assert Places.of({"XDG_STATE_HOME": "state"}, HOME) == Places.of({}, HOME)


def test_one_folder_can_hold_everything(tmp_path: Path) -> None:
    environ = {"COMMAND_CENTER_HOME": str(tmp_path), "XDG_STATE_HOME": "/s"}
    places = Places.of(environ, HOME)
    whole = (places.config, places.data, places.state, places.inbox, places.lock, places.trash)
    assert all(folder.is_relative_to(tmp_path) for folder in whole)


def test_every_such_folder_has_a_tmux_server_of_its_own() -> None:
    one, other, again = (
        Places.of({"COMMAND_CENTER_HOME": root}, HOME).socket for root in ("/x", "/y", "/x")
    )
    assert one == again
    assert len({one, other, "command-center"}) == 3


def test_intents_and_signals_do_not_mix() -> None:
    places = Places.of({}, HOME)
    assert places.inbox != places.signals
