"""Whether brightness, percussiveness and `music_probability` order sounds as a listener would.

usage: python benchmarks/calm.py FOLDER [HELD_BACK]
       python benchmarks/calm.py --library LIBRARY

FOLDER has a folder for each kind of sound, named as in this file (`piano`, `choir`, `techno`, `rain`, ...), with audio
files; what belongs to no kind is left out. Of each file the first 75 s are heard, without voice. The pairs of kinds
were written down before any value was computed. HELD_BACK has calm acoustic music, in folders of any name, on which no
milestone was set.

Prints how many pairs are in order, between the medians of two kinds and between all their single pieces; how many
calm pieces pass the limits of the default template; milestones and the weights of `music_probability`, fitted anew.

With `--library` it listens to nothing: it prints how many tracks of a scanned library of calm music keep all rules of the
default's peak, by kind (the last word of a file's name, as in `sonata 12 harp.flac`; kinds of fewer than five together), and which rules bar the others. Who
is barred only because nobody knows whether anyone sings stands apart.
"""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from accuracy import area
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from playlistkit import analysis
from playlistkit.analysis import attacks, longterm
from playlistkit.audio import open_audio
from playlistkit.errors import AudioError
from playlistkit.library import Library
from playlistkit.model import Session
from playlistkit.objective.rules_broken import rules_broken
from playlistkit.workflow.templates.finding import load_template

SECONDS = 75
FEW = 5  # tracks; kinds with fewer are printed together

# each is a listener's order: of every kind before the sign over every kind after it
BRIGHTER = """
cymbals > techno cello flute; techno > choir cello pad piano sub_drone oohs; drums > piano strings choir
band > choir pad; celesta > cello piano; flute > cello organ_low; strings > cello oohs; oboe > cello choir oohs
sax > cello; guitar > choirpad; harp > sub_drone; metal > piano choir strings; white_noise > pink_noise
pink_noise > brown_noise; rain > wind; birds > whale; vinyl_hiss > brown_noise; choir > sub_drone
"""
MORE_PERCUSSIVE = """
drums > piano harp band pad strings guitar kalimba vibraphone; techno > piano strings choir flute pad
band > strings choir organ slowstrings; metal > piano strings; piano > pad slowstrings choir organ choirpad sub_drone flute
guitar > slowstrings choir cello; harp > pad slowstrings choirpad flute; vibraphone > pad; kalimba > strings choir
woodpecker > wind; campfire > river
"""
STRUCK = ("piano", "guitar", "harp", "celesta", "vibraphone", "kalimba")
HELD = ("cello", "strings", "slowstrings", "choir", "choirpad", "flute", "clarinet", "oboe", "pad", "organ", "oohs", "sax")  # fmt: skip
RECORDED = ("orchestral", "ambient", "recorded")
DRIVEN = ("techno", "drums", "metal")
NATURE = (
    "rain", "wind", "river", "campfire", "birds", "whale", "woodpecker", "white_noise", "pink_noise", "brown_noise",
    "vinyl_hiss", "speech", "machines",
)  # fmt: skip
TONES_OR_BEATS = (*STRUCK, *HELD, *RECORDED, *DRIVEN, "band", "song")


def hear(path: Path) -> tuple[analysis.Heard, str] | None:
    try:
        with open_audio(path) as stream:
            blocks = islice(stream.blocks(), max(1, SECONDS * stream.rate // 2**15))
            heard = analysis.hear(blocks, stream.rate, voice=False)
    except AudioError as error:
        print(error, file=sys.stderr)
        return None
    return (heard, path.parent.name) if heard.low_level.sounds else None


def pairs(text: str) -> list[tuple[str, str]]:
    rules = [rule.split(">") for line in text.strip().splitlines() for rule in line.split(";")]
    return [(above.strip(), below) for above, others in rules for below in others.split()]


def in_order(name: str, text: str, values: dict[str, list[float]]) -> None:
    known = [(a, b) for a, b in pairs(text) if a in values and b in values]
    kinds = {(a, b): float(np.sign(np.median(values[a]) - np.median(values[b]))) for a, b in known}
    single = [np.sign(np.subtract.outer(np.array(values[a]), np.array(values[b]))).mean() for a, b in known]
    print(
        f"{name}: {len(known)} pairs of kinds, Kendall's tau {np.mean(list(kinds.values())):.3f}; "
        f"of single pieces {np.mean(single):.3f}; not in order: {[pair for pair in known if kinds[pair] <= 0]}"
    )


def passing(title: str, chosen: list[analysis.Heard]) -> None:
    """The share of pieces within the template's limits on brightness and percussiveness, by phase."""
    if not chosen:
        return
    phases = load_template("phases").phases
    shares = [
        np.mean(
            [
                (each.features.brightness or 0.0) in phase.brightness
                and (each.features.percussiveness or 0.0) in phase.percussiveness
                for each in chosen
            ]
        )
        for phase in phases
    ]
    told = ", ".join(f"{phase.name} {100 * share:.0f}" for phase, share in zip(phases, shares, strict=True))
    print(f"{title}, {len(chosen)} pieces, % that pass: {told}")


def percussion(heard: analysis.Heard) -> float:
    return attacks.percussion(float(heard.low_level.sharpness[0]), heard.low_level.passing)


def quantiles(title: str, values: list[float]) -> None:
    if values:
        points = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
        told = ", ".join(f"{p:.0%} {q:.2f}" for p, q in zip(points, np.quantile(values, points), strict=True))
        print(f"{title}: {told}")


def music(by_kind: dict[str, list[analysis.Heard]]) -> None:
    chosen = [(each, kind in NATURE) for kind in (*NATURE, *TONES_OR_BEATS) for each in by_kind.get(kind, [])]
    nature = np.array([noise for _, noise in chosen])
    if nature.all() or not nature.any():
        return
    said = np.array([each.features.music_probability for each, _ in chosen])
    print(
        f"music, {(~nature).sum()} pieces against {nature.sum()} of nature, machines and speech: AUC "
        f"{area(~nature, said):.3f}; below 0.3: {np.mean(said[~nature] < 0.3):.3f} of the music, "
        f"{np.mean(said[nature] < 0.3):.3f} of the others; above 0.7: {np.mean(said[~nature] > 0.7):.3f}, {np.mean(said[nature] > 0.7):.3f}"
    )
    predictors = np.array(
        [[np.log(each.low_level.held[0] + 1e-3), each.features.pulse_clarity or 0.0] for each, _ in chosen]
    )
    model = LogisticRegression(C=10, class_weight="balanced")
    crossed = cross_val_predict(model, predictors, ~nature, cv=8, method="predict_proba")[:, 1]
    fitted = model.fit(predictors, ~nature)
    print(
        f"  fitted anew: AUC, cross-validated {area(~nature, crossed):.3f}; weights {fitted.coef_.round(2)}, {fitted.intercept_.round(2)}"
    )


def peak(library: str) -> None:
    """Print how many tracks keep all rules of the default's peak, by kind, and what bars the others."""
    session = Session(load_template("phases"))
    phase = next(each for each in session.template.phases if each.name == "peak")
    rows: dict[str, list[list[str]]] = {}
    with Library(library) as opened:
        for each in opened.candidates():
            why = [name for name, _ in rules_broken(session, phase, each)]
            if "vocals" in why and each.features.vocals == "unknown":
                why[why.index("vocals")] = "unknown voice"
            rows.setdefault(Path(each.track.path or "").stem.split()[-1], []).append(why)
    everything = [why for each in rows.values() for why in each]
    few = [kind for kind, reasons in rows.items() if len(reasons) < FEW]
    rows["others"] = [why for kind in few for why in rows.pop(kind)]
    print(
        "| kind | tracks | keep all rules | the same, if an unknown voice is trusted | barred by |\n| --- | --- | --- | --- | --- |"
    )
    for kind, reasons in [*sorted(each for each in rows.items() if each[1]), ("all", everything)]:
        trusted = sum(set(why) <= {"unknown voice"} for why in reasons)
        barred = Counter(name for why in reasons for name in why).most_common()
        told = ", ".join(f"{name} {count}" for name, count in barred)
        print(f"| {kind} | {len(reasons)} | {sum(not why for why in reasons)} | {trusted} | {told} |")


def main(folder: str, held_back: str | None = None) -> None:
    own = sorted(path for path in Path(folder).glob("*/*") if path.is_file())
    others = sorted(path for path in Path(held_back).glob("*/*") if path.is_file()) if held_back else []
    with ProcessPoolExecutor() as pool:
        answers = list(pool.map(hear, [*own, *others], chunksize=8))
    by_kind: dict[str, list[analysis.Heard]] = {}
    for answer in answers[: len(own)]:
        if answer:
            by_kind.setdefault(answer[1], []).append(answer[0])

    def of(kinds: tuple[str, ...]) -> list[analysis.Heard]:
        return [each for kind in kinds for each in by_kind.get(kind, [])]

    for name, text in (("brightness", BRIGHTER), ("percussiveness", MORE_PERCUSSIVE)):
        values = {kind: [getattr(each.features, name) for each in heard] for kind, heard in by_kind.items()}
        in_order(name, text, values)
    for title, kinds in (
        ("struck and plucked", STRUCK),
        ("held", HELD),
        ("recorded", RECORDED),
        ("driven", DRIVEN),
    ):
        passing(title, of(kinds))
    passing("calm, held back", [answer[0] for answer in answers[len(own) :] if answer])
    height = {
        kinds: [longterm.height(each.low_level.spectrum) or 0.0 for each in of(kinds)]
        for kinds in (STRUCK + HELD, DRIVEN)
    }
    quantiles("height in Bark, calm", height[STRUCK + HELD])
    quantiles("height in Bark, driven", height[DRIVEN])
    for title, kinds in (("held", HELD), ("struck", STRUCK), ("drums", ("drums",))):
        quantiles(f"percussion, {title}", [percussion(each) for each in of(kinds)])
    music(by_kind)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3) or "--help" in sys.argv:
        sys.exit(__doc__)
    if sys.argv[1] == "--library":
        peak(sys.argv[2])
    else:
        main(*sys.argv[1:])
