from pathlib import Path

import pytest

from command_center.domain.errors import SpecError
from command_center.domain.places import Places
from command_center.store.catalog import Catalog, load_catalog
from command_center.store.trust import TrustStore


class Folders:
    """A user's config folder and a project, to write specs into."""

    def __init__(self, root: Path) -> None:
        self.places = Places.of({"COMMAND_CENTER_HOME": str(root / "home")}, root)
        self.user = self.places.config / "agents"
        self.project = root / "project"
        self.own = self.project / ".command-center"
        self.user.mkdir(parents=True)
        self.project.mkdir()

    def write(self, name: str, more: str = "", spec: str = "", folder: Path | None = None) -> None:
        """`name`.toml with a whole spec called `spec`, or only with `more` if that has an id."""
        whole = f"id = '{spec or name}'\nname = '{name}'\nbinary.names = ['x']\n"
        text = more if "id =" in more else f"{whole}launch.argv = ['x']\n{more}"
        ((folder or self.user) / f"{name}.toml").write_text(text)

    def load(self) -> Catalog:
        return load_catalog(self.places, self.project)

    def trust(self) -> None:
        TrustStore(self.places.trust).trust(self.own)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def told(catalog: Catalog) -> str:
    """The text of the only problem."""
    [problem] = catalog.problems
    assert problem.text.startswith(problem.file)
    return problem.text


def test_the_shipped_specs_are_there(folders: Folders) -> None:
    catalog = folders.load()
    assert "shell" in catalog.specs
    assert catalog.problems == ()


def test_a_file_dropped_into_the_user_folder_is_a_new_spec(folders: Folders) -> None:
    folders.write("mine")
    assert folders.load().spec("mine").launch.argv == ("x",)


def test_a_name_that_is_not_there_tells_what_is(folders: Folders) -> None:
    with pytest.raises(SpecError, match=r"no agent spec 'nobody'; there are: .*shell"):
        folders.load().spec("nobody")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"id = ", "not valid TOML"),
        (b"name = 'x'", "needs an 'id'"),
        (b"id = 3", "needs an 'id'"),
        (b"id = 'bad'\nname = 'x'", "missing required field"),
        (b"id = 'bad'\nextends = 'shell'\nnmae = 'x'", "unknown key 'nmae' (did you mean 'name'?)"),
        (b"\xff\xfe", "can't decode byte"),
    ],
)
def test_one_bad_file_is_one_problem_and_the_rest_load(
    folders: Folders, body: bytes, problem: str
) -> None:
    folders.write("good")
    (folders.user / "bad.toml").write_bytes(body)
    catalog = folders.load()
    assert problem in told(catalog)
    assert {"good", "shell"} <= catalog.specs.keys()
    assert "bad" not in catalog.specs


def test_a_folder_with_the_name_of_a_file_is_one_problem(folders: Folders) -> None:
    (folders.user / "odd.toml").mkdir()
    assert "odd.toml" in told(folders.load())


def test_other_files_are_not_looked_at(folders: Folders) -> None:
    (folders.user / "notes.txt").write_text("not a spec")
    assert folders.load().problems == ()


def test_two_files_of_one_folder_cannot_share_an_id(folders: Folders) -> None:
    folders.write("a", spec="same")
    folders.write("b", spec="same")
    catalog = folders.load()
    assert "id 'same' is taken by" in told(catalog)
    assert catalog.spec("same").name == "a"


def test_the_user_overrides_what_is_shipped(folders: Folders) -> None:
    folders.write("my-shell", spec="shell")
    assert folders.load().spec("shell").name == "my-shell"


def test_a_broken_override_leaves_the_shipped_spec(folders: Folders) -> None:
    shipped = folders.load().spec("shell")
    folders.write("shell", "nmae = 'x'")
    catalog = folders.load()
    assert "unknown key 'nmae'" in told(catalog)
    assert catalog.spec("shell") == shipped


def test_an_extension_changes_only_what_it_says(folders: Folders) -> None:
    shipped = folders.load().spec("shell")
    folders.write("calm", "id = 'calm'\nextends = 'shell'\n[prompt]\nsettle_ms = 999")
    calm = folders.load().spec("calm")
    assert calm.prompt.settle_ms == 999
    assert calm.prompt.interrupt == shipped.prompt.interrupt
    assert calm.launch == shipped.launch


def test_an_override_may_extend_what_it_overrides(folders: Folders) -> None:
    folders.write("shell", "id = 'shell'\nextends = 'shell'\nname = 'My shell'")
    catalog = folders.load()
    assert catalog.problems == ()
    assert catalog.spec("shell").name == "My shell"


def test_extensions_build_on_each_other_whatever_their_order(folders: Folders) -> None:
    folders.write("a", "id = 'a'\nextends = 'b'\nname = 'A'")
    folders.write("b", "id = 'b'\nextends = 'c'\ninstall = 'get b'")
    folders.write("c")
    spec = folders.load().spec("a")
    assert (spec.name, spec.install, spec.launch.argv) == ("A", "get b", ("x",))


def test_a_circle_of_extensions_is_told(folders: Folders) -> None:
    folders.write("a", "id = 'a'\nextends = 'b'")
    folders.write("b", "id = 'b'\nextends = 'a'")
    catalog = folders.load()
    assert any("extends itself through a → b → a" in p.text for p in catalog.problems)
    assert not {"a", "b"} & catalog.specs.keys()


@pytest.mark.parametrize("parent", ["'nobody'", "'a'", "3", "['shell']"])
def test_an_extension_of_nothing_is_told(folders: Folders, parent: str) -> None:
    folders.write("a", f"id = 'a'\nextends = {parent}")
    assert "a.toml: extends unknown spec" in told(folders.load())


def with_project_spec(folders: Folders, more: str = "") -> None:
    (folders.own / "agents").mkdir(parents=True, exist_ok=True)
    folders.write("theirs", more, folder=folders.own / "agents")


def test_a_project_is_not_read_before_it_is_trusted(folders: Folders) -> None:
    with_project_spec(folders)
    catalog = folders.load()
    assert "not trusted; read it, then run `acc trust`" in told(catalog)
    assert "theirs" not in catalog.specs


def test_a_trusted_project_adds_its_specs(folders: Folders) -> None:
    with_project_spec(folders)
    folders.trust()
    catalog = folders.load()
    assert catalog.problems == ()
    assert "theirs" in catalog.specs


def test_a_changed_project_needs_trust_again(folders: Folders) -> None:
    with_project_spec(folders)
    folders.trust()
    with_project_spec(folders, "install = 'something else'")
    assert "theirs" not in folders.load().specs
    folders.trust()
    assert folders.load().spec("theirs").install == "something else"


def test_a_project_overrides_the_user(folders: Folders) -> None:
    folders.write("theirs", "install = 'of the user'")
    with_project_spec(folders, "install = 'of the project'")
    folders.trust()
    assert folders.load().spec("theirs").install == "of the project"


def test_a_project_behind_a_link_is_not_trusted(folders: Folders, tmp_path: Path) -> None:
    with_project_spec(folders)
    (folders.own / "agents").rename(tmp_path / "elsewhere")
    (folders.own / "agents").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpecError, match="a symbolic link cannot be trusted"):
        folders.trust()
    assert "theirs" not in folders.load().specs
