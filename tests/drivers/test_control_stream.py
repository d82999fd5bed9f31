import pytest
from hypothesis import given, strategies as st

from command_center.domain.errors import TmuxUnreachable
from command_center.drivers.control_stream import Block, Notice, Reply, ReplyParser

LINES = st.lists(
    st.sampled_from(["", "text", "%end 1 2 1", "%begin 1 2 1", "%error 7 7 1", "%exit", "é🙂"])
    | st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])),
    max_size=5,
)


@given(replies=st.lists(st.tuples(st.booleans(), LINES), max_size=6), data=st.data())
def test_replies_are_whole_however_the_stream_is_cut(
    replies: list[tuple[bool, list[str]]], data: st.DataObject
) -> None:
    stream, expected = b"%window-add @1\n", [Notice("%window-add @1")]
    blocks: list[Block | Notice] = [*expected]
    for number, (is_ok, lines) in enumerate(replies, start=100):
        end = b"%end" if is_ok else b"%error"
        content = "".join(line + "\n" for line in lines).encode()
        stream += b"%%begin 9 %d 1\n%s%s 9 %d 1\n" % (number, content, end, number)
        blocks.append(Block(Reply(is_ok, lines), True))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parser, found = ReplyParser(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += parser.feed(stream[start:stop])
    assert found == blocks


@pytest.mark.parametrize("line", [b"error\n", b"%end 1 2 1\n", b"%output %1 x\n"])
def test_what_is_no_notice_between_replies_is_a_broken_stream(line: bytes) -> None:
    with pytest.raises(TmuxUnreachable):
        ReplyParser().feed(b"%begin 1 1 1\n%end 1 1 1\n" + line)
