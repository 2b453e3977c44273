"""Everything README and docs show is carried out, in order, against a real router."""

import re

import pytest
from ruamel.yaml import YAML

from tests.docs.markdown import PAGES, ROOT, blocks, commands, read
from tests.docs.transcript import Transcript, fits

SHOWING = [page for page in PAGES if any(commands(page))]
LANGUAGES = {"console", "text", "yaml", "mermaid"}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", SHOWING)
def test_what_a_page_shows_is_what_comes(page, tmp_path):
    transcript = Transcript(tmp_path)
    try:
        for command in commands(page):
            said = transcript.carry_out(command)
            shown = "\n".join(command.answer)
            assert fits(command.answer, said), (
                f"{page}:{command.line}: $ {command.shell}\nshown:\n{shown}\nsaid:\n{said}"
            )
    finally:
        transcript.close()


def test_the_pages_that_show_commands_are_these():
    assert ["README.md", "docs/operations.md"] == SHOWING


@pytest.mark.parametrize("page", PAGES)
def test_every_block_says_what_it_is(page):
    assert [] == [
        f"{page}:{block.line}"
        for block in blocks(page)
        if block.language not in LANGUAGES
    ], "a block that is neither carried out nor compared may lie"


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", read(page))

    assert [] == [
        target
        for target in targets
        if not target.startswith("http") and not (folder / target).exists()
    ]


@pytest.mark.parametrize("page", PAGES)
def test_named_files_are_there(page):
    named = re.findall(
        r"`((?:router|tests|examples|docs|proto|tools)/[\w./-]+)`", read(page)
    )
    made = re.compile(r"__pycache__")

    assert [] == [
        name for name in named if not (ROOT / name).exists() and not made.search(name)
    ]


@pytest.mark.parametrize("page", PAGES)
def test_named_targets_are_in_the_makefile(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"(?:`|^\$ )make ([a-z-]+)", read(page), re.MULTILINE)

    assert [] == [name for name in named if f"\n## {name}: " not in makefile]


@pytest.mark.parametrize("page", PAGES)
def test_yaml_can_be_read(page):
    for block in blocks(page):
        if block.language == "yaml":
            assert YAML(typ="safe").load(block.text)


def test_numbers_digests_and_dots_stand_for_others():
    shown = ("ready in 1.2 s", "...", "policy 9929ade8fdf515cb  at 50")

    assert fits(shown, "ready in 71 s\npolicy 0000e4cb6d9881d3 at 1,050\n")
    assert fits(shown, "ready in 71 s\nand\nmore\npolicy 0000e4cb6d9881d3 at 1,050\n")
    assert not fits(shown, "ready in 71 s\npolicy 0000e4cb6d9881d3\n")
    assert fits((), "")
    assert not fits((), "something\n")
