import compileall
from pathlib import Path

# As an installed package is: no start is measured with a compiler in it.
compileall.compile_dir(Path(__file__).parents[1] / "command_center", quiet=2)
