"""What is read of files of every kind, made here by FFmpeg's encoders."""

from __future__ import annotations

import os
import pickle
import random
import struct
import uuid
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from playlistkit.audio import Tags, listen, open_audio, read_tags
from playlistkit.audio.tags import isrc_of, names_of
from playlistkit.errors import AudioError
from playlistkit.render import encode
from playlistkit.render.mix import mix
from playlistkit.render.parts import Part

RATE = 44_100


def write(
    path: Path, codec: str, *, seconds: float = 5, channels: int = 2, rate: int = RATE, **kw: str
) -> Path:
    """A sine of 440 Hz at -20 dBFS."""
    rate = 48_000 if codec == "libopus" else rate
    time = np.arange(int(seconds * rate)) / rate
    samples = np.tile(0.1 * np.sin(2 * np.pi * 440 * time), (channels, 1)).astype(np.float32)
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    with av.open(str(path), "w", **kw) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if codec == "vorbis":  # FFmpeg calls its own encoder experimental
            stream.codec_context.options = {"strict": "experimental"}
        if codec == "wmav2":
            stream.bit_rate = 128_000
        for start in range(0, samples.shape[1], 1024):
            part = np.ascontiguousarray(samples[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
            frame.rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("suffix", "codec", "channels", "rate"),
    [
        ("wav", "pcm_s16le", 2, 44_100),
        ("wav", "pcm_s24le", 2, 96_000),
        ("wav", "pcm_s32le", 1, 8_000),
        ("wav", "pcm_u8", 1, 22_050),
        ("wav", "pcm_f64le", 2, 176_400),
        ("wav", "pcm_f32le", 6, 48_000),
        ("aiff", "pcm_s16be", 2, 44_100),
        ("aiff", "pcm_s24be", 1, 48_000),
        ("caf", "pcm_s16le", 2, 44_100),
        ("w64", "pcm_s16le", 2, 44_100),
        ("au", "pcm_s16be", 2, 44_100),
        ("flac", "flac", 2, 44_100),
        ("flac", "flac", 2, 192_000),
        ("wv", "wavpack", 2, 44_100),
        ("tta", "tta", 2, 44_100),
        ("m4a", "alac", 2, 44_100),
        ("m4a", "aac", 2, 44_100),
        ("m4a", "aac", 1, 8_000),
        ("mp4", "aac", 6, 48_000),
        ("mp3", "mp3", 2, 44_100),
        ("mp3", "mp3", 1, 8_000),
        ("ogg", "vorbis", 2, 44_100),
        ("oga", "flac", 2, 44_100),
        ("opus", "libopus", 2, 48_000),
        ("webm", "libopus", 1, 48_000),
        ("wma", "wmav2", 2, 44_100),
    ],
)
def test_every_format_gives_its_samples(
    tmp_path: Path, suffix: str, codec: str, channels: int, rate: int
) -> None:
    path = write(tmp_path / f"a.{suffix}", codec, channels=channels, rate=rate)
    with open_audio(path) as stream:
        samples = np.concatenate(list(stream.blocks()))
        assert (stream.rate, samples.shape[1], samples.dtype) == (rate, min(channels, 2), np.float32)
        assert stream.decoded == pytest.approx(5, abs=0.15)
    middle = samples[rate : 4 * rate, 0]
    folded = 1 + 2 * np.sqrt(0.5) if channels == 6 else 1.0  # centre and one of the backs come in
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(
        folded * 0.1 / np.sqrt(2), rel=0.06
    )  # LAME takes 5 % off


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="tells open files on Linux only")
def test_a_file_read_to_its_end_is_held_open_no_longer(tmp_path: Path) -> None:
    path = write(tmp_path / "a.m4a", "aac")

    def held() -> bool:
        return any(os.path.realpath(each) == str(path) for each in Path("/proc/self/fd").iterdir())

    with open_audio(path) as stream:
        assert held()
        for _ in stream.blocks():
            pass
        assert not held()


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", "flac", format="flac")
    assert listen(path, voice=False).duration == pytest.approx(5)


CODECS = {
    "aiff": "pcm_s16be",
    "au": "pcm_s16be",
    "flac": "flac",
    "m4a": "aac",
    "mka": "libopus",
    "mp3": "mp3",
    "oga": "flac",
    "ogg": "vorbis",
    "opus": "libopus",
    "tta": "tta",
    "w64": "pcm_s16le",
    "wav": "pcm_s16le",
    "wma": "wmav2",
    "wv": "wavpack",
}


def refusal(path: Path) -> str:
    """The sentence by which a file is refused, without the file's name in front."""
    with pytest.raises(AudioError) as caught:
        listen(path, voice=False)
    name, sentence = str(caught.value)[: len(str(path))], str(caught.value)[len(str(path)) :]
    assert name == str(path)
    assert sentence.startswith(": ")
    assert "\n" not in sentence
    return sentence[2:]


@pytest.mark.parametrize("suffix", CODECS)
def test_a_truncated_file_says_where_it_breaks_off(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.{suffix}", CODECS[suffix], seconds=20)
    assert listen(path, voice=False).duration == pytest.approx(20, abs=0.15)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    assert "breaks off after 0:1" in refusal(path) or suffix in ("m4a", "wv")


@pytest.mark.parametrize("suffix", ["flac", "m4a", "mka", "mp3", "oga", "ogg", "opus", "tta", "wma", "wv"])
def test_a_download_that_stopped_and_left_zeros_is_refused(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.{suffix}", CODECS[suffix], seconds=20)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2].ljust(len(whole), b"\0"))
    if suffix == "tta":  # FFmpeg takes zeros for its codes; their sound is measured as it is
        return
    assert refusal(path)


@pytest.mark.parametrize("suffix", ["flac", "m4a", "mka", "mp3", "oga", "ogg", "opus", "tta", "wv"])
def test_a_file_that_is_damaged_in_many_places_is_refused(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.{suffix}", CODECS[suffix], seconds=20)
    chance = random.Random(1)
    content = bytearray(path.read_bytes())
    for _ in range(100):
        at = chance.randrange(len(content) // 8, len(content) * 7 // 8)
        content[at : at + 100] = chance.randbytes(100)
    path.write_bytes(content)
    assert "damaged" in refusal(path) or "breaks off" in refusal(path)


def test_encrypted_files_are_told_as_such(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.m4a", "aac").read_bytes()
    for entry in (b"drms", b"enca"):
        bought = tmp_path / "bought.m4p"
        bought.write_bytes(plain.replace(b"mp4a", entry))
        assert "encrypted (DRM)" in refusal(bought)
    content = write(tmp_path / "a.wma", "wmav2").read_bytes()
    # ASF: its header's size and number of objects, and among these the content encryption (section 3.14)
    size, objects = struct.unpack("<QI", content[16:28])
    fields = (b"\1" * 32, b"DRM\0", b"KEY\0", b"http://example.org\0")
    body = b"".join(struct.pack("<I", len(field)) + field for field in fields)
    identifier = uuid.UUID("2211b3fb-bd23-11d2-b4b7-00a0c955fc6e").bytes_le
    protection = identifier + struct.pack("<Q", 24 + len(body)) + body
    head = content[:16] + struct.pack("<QI", size + len(protection), objects + 1) + content[28:30]
    (tmp_path / "bought.wma").write_bytes(head + protection + content[30:])
    assert "encrypted (DRM)" in refusal(tmp_path / "bought.wma")


def test_a_header_that_states_days_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(4_000)
        out.writeframes(b"\0")
    with path.open("r+b") as file:  # the disk keeps no room for zeros
        file.truncate(2**30)
        file.seek(4)
        file.write(struct.pack("<I", 2**30 - 8))
        file.seek(40)
        file.write(struct.pack("<I", 2**30 - 44))
    assert "states a duration of 75 hours" in refusal(path)


def test_a_file_joined_of_two_kinds_is_read_in_the_kind_of_the_first(tmp_path: Path) -> None:
    both = tmp_path / "both.mp3"
    first, second = (
        write(tmp_path / f"{rate}.mp3", "mp3", channels=channels, rate=rate)
        for rate, channels in ((RATE, 2), (8_000, 1))
    )
    both.write_bytes(first.read_bytes() + second.read_bytes())
    with open_audio(both) as stream:
        samples = np.concatenate(list(stream.blocks()))
        assert (stream.rate, samples.shape[1]) == (RATE, 2)
    assert len(samples) / RATE == pytest.approx(10, abs=0.3)
    assert np.sqrt(np.mean(samples[6 * RATE : 9 * RATE] ** 2)) == pytest.approx(
        0.0475, rel=0.06
    )  # 3 dB less on both


@pytest.mark.parametrize("first", [(RATE, 1), (RATE, 2), (8_000, 2)])
@pytest.mark.parametrize("second", [(RATE, 1), (RATE, 2), (8_000, 2)])
def test_whatever_is_joined_keeps_its_seconds(
    tmp_path: Path, first: tuple[int, int], second: tuple[int, int]
) -> None:
    joined = tmp_path / "joined.mp3"
    parts = [
        write(tmp_path / f"{place}.mp3", "mp3", channels=channels, rate=rate).read_bytes()
        for place, (rate, channels) in enumerate((first, second))
    ]
    joined.write_bytes(parts[0] + parts[1] + parts[0])
    with open_audio(joined) as stream:
        samples = np.concatenate(list(stream.blocks()))
        assert (stream.rate, samples.shape[1]) == first
    assert len(samples) / first[0] == pytest.approx(15, abs=0.6)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.07, rel=0.3)


def test_a_picture_in_front_of_the_sound_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mjpeg", rate=1)
        picture.width = picture.height = 64
        picture.pix_fmt = "yuvj420p"
        sound = container.add_stream("aac", rate=RATE, layout="stereo")
        container.mux(picture.encode(av.VideoFrame(64, 64, "yuvj420p")))
        container.mux(picture.encode(None))
        for start in range(0, 5 * RATE, 1024):
            frame = av.AudioFrame.from_ndarray(
                np.zeros((2, 1024), np.float32), format="fltp", layout="stereo"
            )
            frame.rate, frame.pts = RATE, start
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    with av.open(str(path)) as container:
        assert container.streams[0].type == "video"
    assert listen(path, voice=False).duration == pytest.approx(5, abs=0.1)


def test_silence_only_and_next_to_nothing_are_listened_to(tmp_path: Path) -> None:
    for seconds, name in ((5.0, "silence.wav"), (0.02, "click.wav")):
        with wave.open(str(tmp_path / name), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(bytes(2 * int(seconds * RATE)))
        heard = listen(tmp_path / name, voice=False)
        assert heard.duration == pytest.approx(seconds, abs=0.001)
        assert (heard.features.loudness, heard.features.tempo, heard.features.energy) == (None, None, None)


def ogg_pages(content: bytes) -> list[bytes]:
    pages = []
    while content:
        segments = content[27 : 27 + content[26]]
        size = 27 + content[26] + sum(segments)
        pages.append(content[:size])
        content = content[size:]
    return pages


def with_checksum(page: bytes, number: int) -> bytes:
    """An Ogg page with its number and its checksum (RFC 3533)."""
    page = page[:18] + struct.pack("<I", number) + bytes(4) + page[26:]
    checksum = 0
    for byte in page:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1 ^ (0x104C11DB7 if checksum & 0x80000000 else 0)) & 0xFFFFFFFF
    return page[:22] + struct.pack("<I", checksum) + page[26:]


def test_vorbis_cut_out_of_a_broadcast_is_read_although_ffmpeg_refuses_it(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    soundfile.write(path, 0.1 * np.sin(np.arange(2 * RATE) / 16), RATE, format="OGG", subtype="VORBIS")
    pages = ogg_pages(path.read_bytes())
    headers = next(i for i, page in enumerate(pages) if page[6:14] != bytes(8))
    again = [page[:5] + b"\0" + page[6:] for page in pages[:headers]]  # once more within the stream
    pages[headers:headers] = again
    path.write_bytes(b"".join(with_checksum(page, number) for number, page in enumerate(pages)))
    with pytest.raises(av.error.InvalidDataError):
        av.open(str(path))
    heard = listen(path, voice=False)
    assert heard.duration == pytest.approx(2, abs=0.05)
    assert heard.features.loudness == pytest.approx(-20.6, abs=0.3)
    whole = path.read_bytes()
    path.write_bytes(whole[:-500])
    assert "breaks off" in refusal(path)
    last = whole.rindex(b"OggS")  # its end, in samples, is all that tells the duration
    path.write_bytes(
        whole[:last]
        + with_checksum(whole[last : last + 6] + struct.pack("<q", 2**40) + whole[last + 14 :], 99)
    )
    assert "states a duration of 6926 hours" in refusal(path)


@pytest.mark.parametrize(
    "content", [b"", b"no sound at all" * 1000, b"\xff\xfb\x90" * 5000, b"#EXTM3U\nb.ts\n"]
)
def test_what_is_no_audio_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=r"a\.mp3: "):
        listen(path, voice=False)


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    for name in ("missing.mp3", ".", "pipe.mp3"):
        with pytest.raises(AudioError):
            open_audio(tmp_path / name)


def test_a_header_of_1000_channels_is_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as out:
        out.setnchannels(1000)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(b"\0" * 2000 * 100)
    with pytest.raises(AudioError):
        listen(tmp_path / "a.wav", voice=False)


def test_a_name_in_no_encoding_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", "flac")
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.flac")
    os.rename(path, strange)  # noqa: PTH104
    assert listen(strange, voice=False).duration == pytest.approx(5)


def test_tags_are_read_and_normalised(tmp_path: Path) -> None:
    from mutagen.flac import FLAC

    path = write(tmp_path / "a.flac", "flac")
    file = FLAC(path)
    file.update(title="Lento", artist=["A", "B"], isrc="de-a12-34-56789", genre="Instrumental")
    file.save()
    assert read_tags(path) == Tags(
        "Lento", "A; B", None, "DEA123456789", "Instrumental", people=("A", "B"), vocals="none"
    )


@pytest.mark.parametrize("suffix", ["mp3", "m4a"])
def test_everyone_of_several_artists_and_genres_is_read_as_a_scan_reads_them(
    tmp_path: Path, suffix: str
) -> None:
    import mutagen
    from mutagen.id3 import TCON, TPE1

    path = write(tmp_path / f"a.{suffix}", CODECS[suffix])
    file = mutagen.File(path)
    if file.tags is None:
        file.add_tags()
    artists, genres = ["Ann Lee", "Bo Ek"], ["Ambient", "Ho\u0308rspiel"]
    if suffix == "mp3":
        file.tags.add(TPE1(encoding=3, text=artists))
        file.tags.add(TCON(encoding=3, text=["(26)", genres[1]]))
    else:
        file.tags["\xa9ART"], file.tags["\xa9gen"] = artists, genres
    file.save()
    tags = listen(path, voice=False).tags
    assert (tags.artist, tags.people, tags.genre) == ("Ann Lee; Bo Ek", tuple(artists), "; ".join(genres))
    assert tags.vocals == "words"


def id3v22(**frames: str) -> bytes:
    """A tag of ID3v2.2, which nothing writes any more."""
    body = b""
    for name, text in frames.items():
        value = b"\1" + text.encode("utf-16")
        body += name.encode() + struct.pack(">I", len(value))[1:] + value
    return b"ID3\2\0\0" + bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0)) + body


def test_an_mp3_is_read_with_tags_of_any_kind(tmp_path: Path) -> None:
    from mutagen.id3 import APIC, ID3, TIT2, TPE1

    path = write(tmp_path / "a.mp3", "mp3")
    ID3(path).delete()
    bare = path.read_bytes()

    def heard() -> tuple[str | None, str | None]:
        answer = listen(path, voice=False)
        assert answer.duration == pytest.approx(5, abs=0.1)
        return answer.tags.artist, answer.tags.title

    assert heard() == (None, "a")
    path.write_bytes(bare + b"TAG" + b"Lento".ljust(30, b"\0") + b"M\xfcller".ljust(94, b"\0") + b"\x0c")
    assert heard() == ("Müller", "Lento")
    path.write_bytes(id3v22(TT2="Lento", TP1="Мусоргский") + bare)
    assert heard() == ("Мусоргский", "Lento")
    for version in (3, 4):
        path.write_bytes(bare)
        tags = ID3()
        tags.add(TIT2(encoding=1, text="Lento 🎵"))
        tags.add(TPE1(encoding=1, text="Pärt"))
        tags.add(APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=b"\xff\xd8" + bytes(5_000_000)))
        tags.save(path, v2_version=version)
        assert heard() == ("Pärt", "Lento 🎵")


@pytest.mark.parametrize("front", [bytes(100_000), b"<html>not found</html>" * 20, b"\xff" * 3_000])
def test_what_stands_before_an_mp3s_first_frame_is_passed_over(tmp_path: Path, front: bytes) -> None:
    path = write(tmp_path / "a.mp3", "mp3", seconds=10)
    path.write_bytes(front + path.read_bytes())
    assert listen(path, voice=False).duration == pytest.approx(10, abs=0.1)


def test_tags_are_read_where_mutagen_knows_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "pcm_s16le")
    title, artist = b"Caf\xe9 noir".ljust(10, b"\0"), b"Satie\0"
    fields = b"".join(
        name + struct.pack("<I", len(text)) + text for name, text in ((b"INAM", title), (b"IART", artist))
    )
    chunk = b"LIST" + struct.pack("<I", 4 + len(fields)) + b"INFO" + fields
    content = path.read_bytes()
    at = content.index(b"data")
    whole = content[:at] + chunk + content[at:]
    path.write_bytes(whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:])
    tags = listen(path, voice=False).tags
    assert (tags.artist, tags.title) == ("Satie", "Café noir")


def test_a_rippers_placeholder_is_no_artist(tmp_path: Path) -> None:
    from mutagen.flac import FLAC

    path = write(tmp_path / "a.flac", "flac")
    file = FLAC(path)
    file.update(title="Track 4", artist="<Unknown>", album="Unknown Album")
    file.save()
    assert read_tags(path) == Tags("Track 4", None, None, None, None, None)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Satie - Gnossienne.mp3", ("Satie", "Gnossienne")),
        ("03 - Satie - Gnossienne.mp3", ("Satie", "Gnossienne")),
        ("07_slow_rain.ogg", (None, "slow rain")),
        ("1979.mp3", (None, "1979")),
    ],
)
def test_without_tags_the_name_gives_the_title(name: str, expected: tuple[str | None, str | None]) -> None:
    assert names_of(f"folder/{name}") == expected


def test_an_isrc_has_twelve_characters_or_is_none() -> None:
    assert isrc_of("US-RC1-76-07839") == "USRC17607839"
    assert isrc_of("12345") is None


def test_the_answer_goes_between_processes(tmp_path: Path) -> None:
    heard = listen(write(tmp_path / "a.wav", "pcm_s16le"), voice=False)
    assert pickle.loads(pickle.dumps(heard)) == heard


def test_two_halves_of_one_recording_in_m4a_join_without_a_hole(tmp_path):
    """The padding that an encoder puts behind the sound is cut off."""
    half = 40_000  # no whole number of frames
    tone = (0.3 * np.sin(2 * np.pi * 441 * np.arange(2 * half) / 44_100)).astype(np.float32)
    lengths = []
    for number, part in enumerate((tone[:half], tone[half:])):
        encode(tmp_path / f"{number}.m4a", [np.repeat(part[:, None], 2, axis=1)], 44_100)
        with open_audio(tmp_path / f"{number}.m4a") as stream:
            lengths.append(sum(len(block) for block in stream.blocks()))
    assert lengths == pytest.approx([half, half], abs=44)  # MP4 counts in milliseconds


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30, -1e300, 200.0])
@pytest.mark.parametrize("suffix", [".wav", ".aiff", ".caf"])
def test_samples_that_are_no_sound_are_silent_wherever_a_file_is_read(
    tmp_path: Path, suffix: str, value: float
) -> None:
    path, rate = tmp_path / f"x{suffix}", 8000
    good = np.sin(np.arange(4 * rate) / 20)[:, None] * np.array([[0.3, 0.1]])
    bad = good.copy()
    bad[rate : rate + 50, 0] = value
    soundfile.write(path, bad, rate, subtype="DOUBLE")
    with open_audio(path) as stream:
        read = np.concatenate(list(stream.blocks()))
    good[rate : rate + 50, 0] = 0
    assert np.allclose(read, good, atol=1e-6)
    mixed = np.concatenate(list(mix([Part(str(path), 0.0, 4.0)], open_audio)))
    assert np.isfinite(mixed).all()
    assert np.abs(mixed).max() < 0.5


@pytest.mark.parametrize("scale", [32768.0, 1e30, np.nan])
def test_a_file_that_nobody_scaled_is_refused(tmp_path: Path, scale: float) -> None:
    path = tmp_path / "x.wav"
    soundfile.write(path, np.sin(np.arange(32000) / 20) * scale, 8000, subtype="FLOAT")
    assert "above full scale" in refusal(path)
