"""Whether made music fills the shipped templates: 500 calm tracks, and lists with the marginals of published ones.

usage: python benchmarks/sessions.py calm|lists [files|render|spotify]  (else files, and of lists spotify)
       python benchmarks/sessions.py grounding [PLANS STATES SEED]

Tracks are values, not sound: lengths, energies, levels and timbres are drawn so that their spread is that of calm
music (calm) or of the eight published lists of docs/evidence.md (lists: 31 to 68 tracks, 317 to 426 min, energy 0.30
and 0.52 with a spread of 0.29, 23 % of neighbours by the same artist). Prints a line a session: whether it fills, the
score with its dearest terms, rules broken, joins beyond a wish, the share of minutes in tracks over 15 min, and by how
many seconds phases end late; of a list also what `check` says of it as it was published.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from typing import get_args

import numpy as np

from playlistkit import planner
from playlistkit import template as reader
from playlistkit.energy import LOUDNESS, PERCENTILES
from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import Candidate, Features, Player, Session, Template, Track
from playlistkit.objective import TAIL, findings, lay_out, recording_groups
from playlistkit.planner import Change
from playlistkit.workflow.playlists.grouped import grouped
from playlistkit.workflow.templates.finding import DEFAULT, load_template, shipped_templates


def made(number: int, rng: random.Random, energy: float, minutes: float, artist: str) -> Candidate:
    """A track of this energy and length, all else drawn."""
    energy = min(0.98, max(0.01, energy))
    loudness = -27 + 12 * energy + rng.gauss(0, 2)
    timbre = tuple(rng.gauss(0, 0.6) for _ in range(8))
    track = Track(
        f"t{number:05}", path=f"/music/{number}.flac", title=f"Piece {number}", artist=artist,
        album=f"Album {number}", duration=float(int(60 * minutes)),
    )  # fmt: skip
    features = Features(
        tempo=rng.uniform(50, 120), pulse_clarity=rng.betavariate(1.5, 3), energy=energy,
        energy_start=max(0.0, energy + rng.gauss(-0.03, 0.05)), energy_end=max(0.0, energy + rng.gauss(-0.05, 0.06)),
        loudness=loudness, loudness_start=loudness + rng.gauss(-1.5, 2), loudness_end=loudness + rng.gauss(-2.5, 2.5),
        loudness_range=abs(rng.gauss(7, 3)), true_peak=-3.0, brightness=rng.betavariate(2, 3),
        percussiveness=rng.betavariate(1.5, 5), key=rng.choice("CDEFGAB"), mode=rng.choice(["major", "minor"]),
        key_clarity=rng.random(), timbre=timbre, timbre_start=timbre, timbre_end=timbre,
        silence_start=abs(rng.gauss(0, 0.5)), silence_end=abs(rng.gauss(1, 1)), silence_inside=abs(rng.gauss(0, 1)),
        jolt=abs(rng.gauss(3, 3)), swell=abs(rng.gauss(7, 4)), music_probability=0.95,
        vocals=rng.choices(["none", "wordless", "words"], [80, 8, 12])[0],
    )  # fmt: skip
    return Candidate(track, features)


def calm_library(seed: int = 1, count: int = 500) -> list[Candidate]:
    """Calm tracks by 160 artists."""
    rng = random.Random(seed)
    return [
        made(
            number, rng, rng.betavariate(1.3, 2.6), min(28, max(1.2, rng.lognormvariate(1.55, 0.55))),
            f"Artist {rng.randrange(160)}",
        )
        for number in range(count)
    ]  # fmt: skip


def published_list(seed: int) -> list[Candidate]:
    """A list with the marginals of the published ones, known as a table of Spotify's features knows it.

    Neighbours are alike to about the degree that those lists show: of their steps, 59 % stay within 0.25 in energy, 83 %
    rise by at most 6 LU and 91 % fall by at most 10.
    """
    rng = random.Random(100 + seed)
    count, artist, deviate, other, music = rng.randint(31, 68), 0, 0.0, 0.0, []
    for k in range(count):
        artist += rng.random() > 0.23
        deviate = 0.45 * deviate + math.sqrt(1 - 0.45**2) * rng.gauss(0, 1)
        other = 0.65 * other + math.sqrt(1 - 0.65**2) * rng.gauss(0, 1)
        onset = k < 0.2 * count
        energy = statistics.NormalDist().cdf(deviate - 0.55 * onset)
        share = statistics.NormalDist().cdf(0.8 * (deviate - 0.55 * onset) + 0.6 * other)
        loudness = float(np.interp(share, PERCENTILES, LOUDNESS))
        words = rng.random() < (0.05 if onset else 0.22)
        track = Track(
            f"t{1000 * seed + k:05}", uri=f"spotify:track:{seed}{k:021}", title=f"Piece {k}",
            artist=f"Artist {artist}", album=f"Album {artist}", duration=min(29, max(1.6, rng.lognormvariate(1.8, 0.6))),
        )  # fmt: skip
        features = Features(
            tempo=min(190.0, max(50.0, rng.lognormvariate(4.5, 0.3))), energy=energy, loudness=loudness,
            key=rng.choice("CDEFGAB"), mode=rng.choice(["major", "minor"]),
            vocals="words" if words else "none",
        )  # fmt: skip
        music.append(Candidate(track, features))
    stretch = rng.uniform(317, 426) * 60 / sum(each.track.duration for each in music)
    durations = (float(int(max(80, min(1790, each.track.duration * stretch)))) for each in music)
    return [
        replace(each, track=replace(each.track, duration=d)) for each, d in zip(music, durations, strict=True)
    ]


def checked(name: str, template: Template, music: list[Candidate], player: Player) -> None:
    """Print what `check` says of a list as it was published."""
    session = Session(template, player=player)
    slots = [slot for slot in lay_out(session, music) if slot.phase != TAIL]
    found = findings(session, slots)
    broken = [each for each in found if each.breaks]
    print(
        f"{name:32} {len(grouped(broken, slots))} findings ({len(broken)} before they are grouped), "
        f"{len(grouped((each for each in found if not each.breaks), slots))} wishes; "
        f"{sum(each.where.kind == 'join' for each in found)} of {len(slots) - 1} joins beyond a wish",
        flush=True,
    )


def told(
    name: str, template: Template, music: list[Candidate], player: Player = "files", *variants: str
) -> bool:
    """Plan a session, print its line, and whether it fills."""
    try:
        plan = planner.plan(Session(template, variants=variants, player=player), music, effort="quick")
    except ShortfallError as error:
        print(f"{name:32} NO: {error}", flush=True)
        return False
    found = findings(plan.session, plan.slots)
    seconds = [slot.duration for slot in plan.slots]
    dear = sorted(plan.score.terms.items(), key=lambda term: -term[1])[:3]
    print(
        f"{name:32} J {plan.score.total:5.1f} ({', '.join(f'{term} {points:.1f}' for term, points in dear)}), "
        f"{sum(each.breaks for each in found)} rules broken, "
        f"{sum(each.where.kind == 'join' for each in found)} of {len(seconds) - 1} joins beyond a wish, "
        f"{sum(each for each in seconds if each > 900) / sum(seconds):.0%} over 15 min, "
        f"ends {', '.join(f'{each.residual:+.0f}' for each in plan.phases)} s",
        flush=True,
    )
    return True


def emergencies(plans: int, states: int, seed: int = 7) -> None:
    """Ask for grounding in random states of random plans, and count what must not be."""
    rng, template = random.Random(seed), load_template(DEFAULT)
    seconds: list[float] = []
    seen: Counter[str] = Counter()
    for k in range(plans):
        player = rng.choice(list(get_args(Player)))
        music = [
            replace(each, track=replace(each.track, uri=f"spotify:track:{each.track.id}"))
            for each in calm_library(100 * seed + k, rng.choice([150, 300, 600]))
        ]
        try:
            made_plan = planner.plan(
                Session(template, player=player, overlap=rng.choice([None, 3.0])), music, effort="quick"
            )
        except ShortfallError:
            seen["libraries too small for a plan"] += 1
            continue
        for _ in range(states):
            plan = made_plan
            at = rng.uniform(0, plan.duration)
            if rng.random() < 0.3:
                change = rng.choice(
                    [
                        Change("extend", rng.uniform(-10, 20)),
                        Change("gentler"),
                        Change("skip"),
                        Change("grounding now"),
                    ]
                )
                with suppress(ShortfallError, InputError):
                    plan = planner.replan(plan, music, max(0.0, at - rng.uniform(0, 900)), None, change)
            if rng.random() < 0.2:
                plan = replace(plan, reserves={}, tail=())
            left = rng.sample(music, rng.choice([0, 5, len(music)]))
            begun = time.process_time()
            again = planner.replan(plan, left, at, None, Change("grounding now"))
            seconds.append(time.process_time() - begun)
            played = {slot.track.id for slot in (*again.slots, *again.tail)}
            ready = [each.track for own in again.reserves.values() for each in own]
            calm_set = again.reserves.get("grounding now", ())
            versions = recording_groups(
                [*(slot.track for slot in (*again.slots, *again.tail)), *ready],
                [
                    *(slot.features for slot in (*again.slots, *again.tail)),
                    *(each.features for own in again.reserves.values() for each in own),
                ],
            )
            here = len(again.slots) + len(again.tail)
            minutes = sum(each.track.duration for each in calm_set) / 60
            seen["states"] += 1
            seen["no music after the moment"] += not any(slot.end > at + 10 for slot in again.slots)
            sounding, in_tail = ({slot.track.id for slot in own} for own in (again.slots, again.tail))
            calm_ids = {each.track.id for each in calm_set}
            of_phases = {
                each.track.id
                for name, own in again.reserves.items()
                if name != "grounding now"
                for each in own
            }
            seen["a reserve of a phase that is played or in the tail"] += bool(played & of_phases)
            seen["a set for grounding of which something is played"] += bool(sounding & calm_ids)
            seen["a set for grounding made of the tail alone, for want of others"] += (
                bool(calm_ids) and calm_ids <= in_tail
            )
            seen["a set for grounding that mixes the tail with others"] += (
                bool(calm_ids & in_tail) and not calm_ids <= in_tail
            )
            of_others = {
                group for group, track in zip(versions[here:], ready, strict=True) if track.id not in played
            }
            seen["a reserve that is another version of those"] += bool(set(versions[:here]) & of_others)
            seen["a track twice"] += len(played) < here - sum(
                slot.duration <= 60 for slot in again.slots
            ) - sum("played before" in slot.reason for slot in again.slots)
            seen["a shrunken set that is not told"] += minutes < 19.5 and not any(
                "grounding now" in each for each in again.warnings
            )
            seen["played again for want of any other"] += any(
                "played before" in slot.reason for slot in again.slots
            )
    seconds.sort()
    for what, count in seen.items():
        print(f"{what}: {count}")
    print(f"over 100 ms: {sum(each > 0.1 for each in seconds)}")
    marks = {"median": 0.5, "95 %": 0.95, "most": 1.0}
    told = (
        f"{name} {1000 * seconds[min(int(share * len(seconds)), len(seconds) - 1)]:.0f} ms"
        for name, share in marks.items()
    )
    print(f"processor time: {', '.join(told)}")


def main(what: str, *more: str) -> None:
    if what == "grounding":
        emergencies(*map(int, more or ("100", "100")))
        return
    player: Player = more[0] if more else "files" if what == "calm" else "spotify"  # type: ignore[assignment]
    if what == "calm":
        music = calm_library()
        for template in shipped_templates():
            if template.build:
                told(template.id or "", template, music, player)
                for variant in template.variants:
                    varied = reader.vary(template, [variant.name])
                    told(f"  {variant.name}", varied, music, player, variant.name)
        return
    psilocybin = load_template("psilocybin")
    least = reader.with_minutes(psilocybin, {each.name: each.minutes.least for each in psilocybin.phases})
    for seed in range(8):
        music = published_list(seed)
        print(f"list {seed}: {len(music)} tracks, {sum(each.track.duration for each in music) / 60:.0f} min")
        checked("  as published", psilocybin, music, player)
        told("  psilocybin, least minutes", least, music, player)
        for name in ("ketamine-im", "ketamine-iv"):
            told(f"  {name}", load_template(name), music, player)


if __name__ == "__main__":
    main(*sys.argv[1:])
