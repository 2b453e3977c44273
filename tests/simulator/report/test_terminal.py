"""What the terminal shows."""

from io import StringIO

from rich.console import Console

from simulator.report.terminal import print_backtest, print_comparison, print_result
from tests.simulator.made import made_result
from tests.simulator.report.samples import back_test, more_agents, one_day


def shown(show, what, width=200):
    console = Console(file=StringIO(), width=width, color_system=None)
    show(what, console)
    return console.file.getvalue()


def test_queues_and_staff_have_their_figures_with_half_widths():
    result = one_day()

    text = shown(print_result, result)

    level = result.estimate("pair", 2, "service_level")
    told = f"{100 * level.mean:.1f}% ± {100 * level.half_width:.1f}"
    (row,) = (line for line in text.splitlines() if told in line and "chat" in line)
    assert "Κάρτες" in row
    assert "80% in 20s" in row
    assert "Gece ekibi" in text


def test_the_definition_in_force_is_named():
    text = shown(print_result, one_day())

    assert "Service level: within_of_answered_and_abandoned, 20s" in text


def test_the_worst_intervals_are_named():
    result = one_day()

    text = shown(print_result, result)

    assert f"{result.worst('service_level')[0].label}" in text
    assert "Longest queue" in text


def test_a_partial_result_is_told_before_any_figure():
    text = shown(print_result, made_result(replications=3, asked=50, partial=True))

    assert "PARTIAL" in text.split("Service level")[0]
    assert "3 of 50" in text
    assert "PARTIAL" not in shown(print_result, one_day())


def test_seed_digests_and_engine_stand_at_the_end():
    text = shown(print_result, one_day())

    last = text.strip().splitlines()[-1]
    assert "seed 1" in last
    assert "digest of policy fedcba9876543210" in last
    assert "engine 0123456789abcdef" in last


def test_no_figure_is_cut_on_a_narrow_terminal():
    result = one_day()

    text = shown(print_result, result, width=60)

    level = result.estimate("pair", 0, "service_level")
    assert f"{100 * level.mean:.1f}% ± {100 * level.half_width:.1f}" in text
    aht = result.estimate("pair", 0, "aht_s")
    assert f"{aht.mean:.1f} s ± {aht.half_width:.1f}" in text
    assert all(len(line) <= 60 for line in text.splitlines())


def test_names_are_not_taken_for_markup():
    result = made_result(
        (("[red]Fatura[/red]", "voice"),), ("[bold",), replications=2, scenario="[x]"
    )

    text = shown(print_result, result)

    assert "[red]Fatura[/red]" in text
    assert "[bold" in text
    assert text.startswith("[x]")


def test_a_comparison_shows_both_plans_and_the_difference():
    comparison = more_agents()

    text = shown(print_comparison, comparison)

    change = comparison.change("pair", "Κάρτες / chat", "service_level")
    (row,) = (
        line
        for line in text.splitlines()
        if "Κάρτες / chat" in line and "Service level" in line
    )
    assert f"{100 * change.difference.mean:+.1f} points" in row
    assert "better" in row
    assert f"{100 * change.first.mean:.1f}%" in row


def test_a_back_test_shows_errors_and_what_the_bands_held():
    text = shown(print_backtest, back_test())

    assert "Known arrivals and staff" in text
    assert "Forecast arrivals, known staff" in text
    assert "In the band" in text
