import io

from portal.embedded.console import Console, LineBuffer


def test_a_line_carries_the_name_of_who_said_it() -> None:
    stream = io.StringIO()
    Console(("web", "worker"), stream).line("web", "hello")
    assert stream.getvalue() == "web    │ hello\n"


def test_control_characters_do_not_reach_the_terminal() -> None:
    stream = io.StringIO()
    Console(("web",), stream).line("web", "a\x07b\x08\x1b[31mc")
    assert "\x07" not in stream.getvalue()
    assert "\x08" not in stream.getvalue()


def test_lines_that_arrive_in_pieces_are_put_together() -> None:
    lines = LineBuffer()
    assert lines.feed(b"one\ntw") == ["one"]
    assert lines.feed(b"o\r\nthree") == ["two"]
    assert lines.finish() == ["three"]
    assert lines.finish() == []


def test_only_the_last_lines_are_remembered() -> None:
    lines = LineBuffer(remembered=2)
    lines.feed(b"1\n2\n3\n")
    assert list(lines.last_lines) == ["2", "3"]


def test_a_line_without_an_end_is_cut() -> None:
    assert [len(line) for line in LineBuffer().feed(b"x" * 20000)] == [8192]


def test_broken_utf_8_is_shown_and_not_raised() -> None:
    assert LineBuffer().feed(b"\xff\n") == ["\ufffd"]


def test_a_terminal_of_another_code_page_shows_what_it_can() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="latin-1")
    Console(("web",), terminal).line("web", "สวัสดี café")
    terminal.flush()
    assert raw.getvalue().decode("latin-1") == "web ? ?????? café\n"
