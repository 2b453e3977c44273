"""The command line: serve, demo, explain, replay, check-policy, try-intake. Imports a
part only when it is asked for.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Santral: omnichannel routing, durably.",
)

JsonOut = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Target = Annotated[str, typer.Option(help="The running router, HOST:PORT.")]


def say(line: str) -> None:
    """A line for the operator, on standard error: standard output belongs to results."""
    print(line, file=sys.stderr, flush=True)


def fail(message: str, status: int = 2) -> typer.Exit:
    say(message)
    return typer.Exit(status)


@app.command()
def serve(
    policy: Annotated[Path, typer.Option(help="The policy file (YAML).")],
    journal: Annotated[
        str, typer.Option(help="Where facts are kept: sqlite:PATH or memory:.")
    ] = "sqlite:santral.db",
    listen: Annotated[
        str, typer.Option(help="Where gRPC is served, HOST:PORT.")
    ] = "127.0.0.1:50051",
    metrics: Annotated[
        str,
        typer.Option(help="Where /metrics is served, HOST:PORT; empty for nowhere."),
    ] = "",
    time_scale: Annotated[
        float, typer.Option(help="Engine time runs so many times faster (rehearsals).")
    ] = 1.0,
    context: Annotated[
        str,
        typer.Option(
            help="Where contexts are kept: sqlite:PATH or memory:; beside the journal by default."
        ),
    ] = "",
    master_key: Annotated[
        Path | None,
        typer.Option(
            help="The key file that opens contexts, made if it is not there; keep it on another disk."
        ),
    ] = None,
    crm: Annotated[
        str,
        typer.Option(
            help="An HTTP address that is told how interactions ended and what customers decided."
        ),
    ] = "",
) -> None:
    """Route: start the router on a journal and serve until stopped."""
    from router.adapters.webhook import AddressWrong
    from router.app import serve as run
    from router.context.errors import ContextStoreError
    from router.journal.errors import JournalError
    from router.policy.load import PolicyInvalid
    from router.settings import Address, Settings, SettingsWrong

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        settings = Settings(
            policy=policy,
            journal=journal,
            listen=Address.read(listen, "--listen"),
            metrics=Address.read(metrics, "--metrics") if metrics else None,
            time_scale=time_scale,
            context=context,
            master_key=master_key,
            crm=crm,
        )
        status = run(settings, say)
    except (
        SettingsWrong, JournalError, ContextStoreError, PolicyInvalid, AddressWrong,
    ) as wrong:  # fmt: skip
        raise fail(str(wrong)) from None
    except OSError as wrong:
        raise fail(
            f"{policy if wrong.filename else ''} {wrong.strerror or wrong}".strip()
        ) from None
    raise typer.Exit(status)


@app.command()
def demo(
    target: Target = "127.0.0.1:50051",
    calls: Annotated[
        Path | None, typer.Option(help="Replay a call log through the running router.")
    ] = None,
    speed: Annotated[
        str, typer.Option(help="max, or how many times faster than life.")
    ] = "max",
    day: Annotated[
        bool,
        typer.Option(
            "--day", help="Start a router and drive a realistic day through it."
        ),
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="With --day: exit when the day is over.")
    ] = False,
    seconds: Annotated[
        float, typer.Option(help="With --day: how long the day lasts.")
    ] = 60.0,
    seed: Annotated[int, typer.Option(help="With --day: which day.")] = 1,
    json_out: JsonOut = False,
) -> None:
    """Drive traffic through a router: a realistic day, or a recorded log."""
    if day:
        from router.demo.main_job import main_job

        raise typer.Exit(
            main_job(seconds=seconds, seed=seed, once=once, json_out=json_out, say=say)
        )
    if calls is None:
        raise fail("give --calls FILE to replay a log, or --day for a realistic day")
    from router.demo.calls import run_calls

    raise typer.Exit(asyncio.run(run_calls(target, calls, speed, json_out, None)))


@app.command()
def explain(
    interaction: Annotated[str, typer.Argument(help="The interaction's id.")],
    agent: Annotated[str, typer.Option(help="Why not this agent?")] = "",
    offer: Annotated[int, typer.Option(help="This offer instead of the last one.")] = 0,
    target: Target = "127.0.0.1:50051",
    json_out: JsonOut = False,
) -> None:
    """Tell why an interaction went to whom it went, or why not to somebody else."""
    from router.demo.explain import explain as tell

    raise typer.Exit(
        asyncio.run(tell(target, interaction, agent, offer, json_out, say))
    )


@app.command()
def replay(
    journal: Annotated[str, typer.Option(help="The journal: sqlite:PATH.")],
    until: Annotated[int | None, typer.Option(help="Stop after this sequence.")] = None,
    check: Annotated[
        bool, typer.Option(help="Also check every event with a second, naive model.")
    ] = True,
    json_out: JsonOut = False,
) -> None:
    """Verify a journal and replay it: what is there, and is it sound?"""
    from router.replaying import replayed

    raise typer.Exit(
        replayed(
            journal, until=until, check=check, json_out=json_out, say=say, out=print
        )
    )


@app.command("check-policy")
def check_policy(
    files: Annotated[list[Path], typer.Argument(help="Policy files.")],
    schema: Annotated[
        bool,
        typer.Option("--schema", help="Print the JSON Schema of policies instead."),
    ] = False,
    json_out: JsonOut = False,
) -> None:
    """Check policy files before publishing them; every problem with its file, line and
    key.
    """
    from router.intake.load import read_whole
    from router.policy.load import PolicyInvalid
    from router.policy.schema import schema_text

    if schema:
        print(schema_text(), end="")
        return
    wrong = False
    for file in files:
        try:
            policy = read_whole(file).policy
        except (PolicyInvalid, OSError) as problem:
            wrong = True
            if json_out:
                print(
                    json.dumps(
                        {
                            "file": str(file),
                            "valid": False,
                            "problems": str(problem).splitlines(),
                        }
                    )
                )
            else:
                print(problem)
            continue
        if json_out:
            print(
                json.dumps(
                    {
                        "file": str(file),
                        "valid": True,
                        "policy": policy.name,
                        "digest": policy.digest,
                    }
                )
            )
        else:
            print(
                f"{file}: sound; policy {policy.name}, {len(policy.queues)} queues, digest {policy.digest}"
            )
    if wrong:
        raise typer.Exit(1)


Values = Annotated[list[str], typer.Option(help="A value, NAME=VALUE; repeatable.")]


@app.command("try-intake")
def try_intake(
    policy: Annotated[Path, typer.Argument(help="The policy file.")],
    channel: Annotated[str, typer.Option(help="The channel it comes by.")] = "chat",
    queue: Annotated[str, typer.Option(help="The queue asked for.")] = "",
    language: Annotated[str, typer.Option(help="The language, such as tr-TR.")] = "",
    country: Annotated[str, typer.Option(help="The customer's country.")] = "",
    at: Annotated[
        str, typer.Option(help="The site's local time, such as 2026-10-29T14:00.")
    ] = "2026-01-05T12:00",
    attribute: Values = [],  # noqa: B006 - typer copies it
    customer: Values = [],  # noqa: B006
    fact: Values = [],  # noqa: B006
    json_out: JsonOut = False,
) -> None:
    """What the intake rules of a policy make of a request: its queue, needs, priority,
    and the rules that said so. Nothing is sent anywhere.
    """
    from router.intake.facts import FactsWrong
    from router.intake.language import LanguageWrong
    from router.intake.load import read_whole
    from router.intake.telling import as_values, told, tried
    from router.policy.load import PolicyInvalid

    try:
        intake = tried(
            read_whole(policy),
            channel=channel,
            queue=queue,
            language=language,
            country=country,
            at=at,
            attributes=attribute,
            customer=customer,
            facts=fact,
        )
    except (FactsWrong, LanguageWrong, PolicyInvalid, ValueError) as wrong:
        raise fail(str(wrong)) from None
    if json_out:
        print(json.dumps(as_values(intake), ensure_ascii=False))
    else:
        print("\n".join(told(intake)))


def main() -> None:
    """The entry point of `santral-router`."""
    app()


if __name__ == "__main__":
    main()
