"""The input box: a few lines of text with a cursor, and what was sent before."""

from command_center.agent.keys import Key


class Box:
    """Enter is its owner's; everything else that edits is done here."""

    def __init__(self) -> None:
        self.text = ""
        self.at = 0
        """Index of the cursor."""
        self.has_paste = False
        """Whether not all of it was typed."""
        self._sent: list[str] = []
        self._back = 0
        """How far back in what was sent; 0: what is being written."""

    def take(self) -> str:
        """Everything, which is then gone from the box."""
        text, self.text, self.at, self._back = self.text, "", 0, 0
        self.has_paste = False
        if text.strip() and text not in self._sent[-1:]:
            self._sent.append(text)
        return text

    @property
    def row(self) -> int:
        return self.text.count("\n", 0, self.at)

    @property
    def column(self) -> int:
        return self.at - self._start

    def press(self, key: Key) -> None:
        match key.name:
            case "text" | "paste":
                self.has_paste = key.name == "paste" or (self.has_paste and self.text != "")
                self._insert(key.text)
            case "newline":
                self._insert("\n")
            case "backspace":
                self._cut(max(0, self.at - 1), self.at)
            case "delete":
                self._cut(self.at, self.at + 1)
            case "clear":
                # The line, and its break: pressed again it takes the line before.
                self._cut(max(0, self._start - 1), self.at)
            case "kill":
                self._cut(self.at, max(self._end, self.at + 1))
            case "word-back":
                self._cut(self._word_left(), self.at)
            case _:
                self._move(key.name)

    def _move(self, name: str) -> None:
        match name:
            case "left":
                self.at = max(0, self.at - 1)
            case "right":
                self.at = min(len(self.text), self.at + 1)
            case "home":
                self.at = self._start
            case "end":
                self.at = self._end
            case "word-left":
                self.at = self._word_left()
            case "word-right":
                rest = self.text[self.at :]
                self.at += len(rest) - len(rest.lstrip().lstrip(_WORD))
            case "up":
                self._up()
            case "down":
                self._down()

    def _up(self) -> None:
        if self._start:
            above = self.text.rfind("\n", 0, self._start - 1) + 1
            self.at = min(above + self.column, self._start - 1)
        elif self._back < len(self._sent) and (self._back or not self.text):
            self._recall(self._back + 1)

    def _down(self) -> None:
        if self._end < len(self.text):
            below, column = self._end + 1, self.column
            end = self.text.find("\n", below)
            self.at = min(below + column, end if end >= 0 else len(self.text))
        elif self._back:
            self._recall(self._back - 1)

    def _recall(self, back: int) -> None:
        self._back = back
        self.text = self._sent[-back] if back else ""
        self.at = len(self.text)

    def _insert(self, text: str) -> None:
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)
        self._back = 0

    def _cut(self, begin: int, end: int) -> None:
        self.text = self.text[:begin] + self.text[end:]
        self.at = begin

    @property
    def _start(self) -> int:
        return self.text.rfind("\n", 0, self.at) + 1

    @property
    def _end(self) -> int:
        end = self.text.find("\n", self.at)
        return end if end >= 0 else len(self.text)

    def _word_left(self) -> int:
        return len(self.text[: self.at].rstrip().rstrip(_WORD))


_WORD = "".join(c for c in map(chr, range(33, 0x250)) if c.isalnum() or c == "_")
