"""Options of the native codec with loss: refused where they make no sense, and what codec="auto" means."""

import io

import numpy as np
import pytest
from support.lossy import planes_of, wave
from support.processes import child

import stfrag
from stfrag.codec import native, quality

GRAY = np.zeros((2, 8, 8), np.uint8)


@pytest.mark.parametrize(
    ("array", "options", "error", "match"),
    [
        (GRAY, {"qp": 64}, ValueError, r"qp=64 is out of range: 0 to 63.75 for codec stf, in steps of 1/4"),
        (GRAY, {"qp": -1}, ValueError, "out of range: 0 to"),
        (GRAY, {"qp": float("nan")}, ValueError, "out of range"),
        (GRAY, {"qp": "fine"}, TypeError, "not a number"),
        (GRAY, {"quality": 0.5}, ValueError, "1 to 100"),
        (GRAY, {"quality": 75, "qp": 30}, ValueError, "exclude each other"),
        (GRAY, {"quality": 75, "max_error": 1}, ValueError, "exclude each other"),
        (GRAY, {"quality": 75, "codec_options": {"tune": "psnr"}}, ValueError, "no option 'tune'"),
        (
            np.zeros((2, 8, 8), np.uint16),
            {"quality": 75},
            stfrag.UnsupportedError,
            r"codec stf has no lossy mode for gray of 16 bits: .*max_error=n.*2 to 12 bits are taken \(bits=12",
        ),
        (np.zeros((2, 8, 8), np.int16), {"qp": 20, "bits": 13}, stfrag.UnsupportedError, "13 bits.*max_error="),
        (np.zeros((2, 8, 8), bool), {"quality": 75}, stfrag.UnsupportedError, "no lossy mode for bool: max_error=0"),
        (GRAY, {"quality": 75, "bits": 1}, stfrag.UnsupportedError, "gray of 1 bits: max_error="),
    ],
)
def test_options_that_make_no_sense(array, options, error, match):
    with pytest.raises(error, match=match):
        stfrag.encode(array, codec="stf", **options)
    with pytest.raises(error, match=match):
        stfrag.save(io.BytesIO(), array, codec="stf", **options)


@pytest.mark.parametrize("subsampling", ["411", "410"])
def test_quartered_chroma_is_refused(subsampling):
    sx, sy = {"411": (2, 0), "410": (2, 2)}[subsampling]
    chroma = np.zeros((2, -(-8 >> sy), -(-8 >> sx)), np.uint8)
    with pytest.raises(stfrag.UnsupportedError, match=r"no lossy mode for 4:1:.*max_error="):
        stfrag.encode_planes((GRAY, chroma, chroma), subsampling, codec="stf", quality=75)
    stfrag.encode_planes((GRAY, chroma, chroma), subsampling, codec="stf", max_error=1)


def test_refusals_name_the_codecs_that_can():
    pytest.importorskip("av")
    if not all(codec["encode"] for codec in stfrag.codecs() if codec["name"] in ("h264", "hevc")):
        pytest.skip("this libav has not both")
    with pytest.raises(stfrag.UnsupportedError, match="with loss use codec='h264'"):
        stfrag.encode(np.zeros((2, 8, 8), bool), codec="stf", quality=75)
    with pytest.raises(stfrag.UnsupportedError, match="use codec='stf' or codec='hevc'"):
        stfrag.encode(np.zeros((2, 8, 8), np.uint16), bits=12, codec="h264", quality=75)


def test_without_a_quality_nothing_is_lost():
    array = wave((3, 30, 40))
    assert (stfrag.decode(stfrag.encode(array, codec="stf")) == array).all()
    assert stfrag.encode(array, codec="stf") == stfrag.encode(array)


@pytest.mark.parametrize("bits", [2, 8, 10, 12])
@pytest.mark.parametrize("kind", ["gray", "420", "422", "440", "444", "420a"])
def test_auto_is_the_native_codec(kind, bits):
    """Whatever it takes with loss, it is coded by it."""
    given_ = planes_of(kind, 3, 30, 40, "uint8" if bits <= 8 else "uint16", bits)
    subsampling = "444" if kind == "gray" else kind[:3]
    assert stfrag.encode_planes(given_, subsampling, bits, quality=75, codec="auto") == stfrag.encode_planes(
        given_, subsampling, bits, quality=75, codec="stf"
    )


def test_auto_is_the_native_codec_for_arrays_and_stores():
    rgba = np.stack([wave((3, 30, 40), seed=c) for c in range(4)], -1)
    for array in (rgba, rgba[..., :3], rgba[..., 0], rgba[..., 0].astype(np.int8)):
        assert stfrag.encode(array, quality=75) == stfrag.encode(array, quality=75, codec="stf")
    file = io.BytesIO()
    stfrag.save(file, rgba, quality=75)
    with stfrag.open(file.getvalue()) as v:
        assert set(v.index.codec) == {"stf"}
        said = v.metadata["options"]
        assert (said["codec"], said["quality"], said["qp"]) == ("stf", 75, quality.qp_of(75))
    with pytest.raises(stfrag.UnsupportedError, match="no lossy codec here takes gray of 16 bits: max_error=0"):
        stfrag.encode(np.zeros((2, 8, 8), np.uint16), quality=75)


def test_auto_is_the_native_codec_without_pyav(tmp_path):
    """As where PyAV is not installed."""
    (tmp_path / "av.py").write_text("raise ImportError('there is none')")
    code = """
import numpy as np, stfrag
array = np.zeros((2, 20, 20), np.uint8)
assert stfrag.encode(array, quality=75) == stfrag.encode(array, quality=75, codec="stf")
stfrag.save("PATH", array, quality=75)
with stfrag.open("PATH") as v:
    assert set(v.index.codec) == {"stf"} and abs(v[:].astype(int) - array).max() < 3
for bad in (array > 1, np.zeros((2, 20, 20), np.uint16)):
    try:
        stfrag.encode(bad, quality=75)
    except stfrag.UnsupportedError as error:
        assert "max_error=0" in str(error), error
    else:
        raise AssertionError
"""
    code = code.replace("PATH", str(tmp_path / "a.stf"))
    child(code, PYTHONPATH=str(tmp_path))


def test_codecs_say_so():
    first = stfrag.codecs()[0]
    assert (first["name"], first["lossless"], first["lossy"], first["qp"]) == ("stf", True, True, [0, 63.75])
    assert native.QP == (0, 63.75)


@pytest.mark.parametrize("strength", [-0.1, 4.1, "much", float("nan")])
def test_strengths_of_adaptive_quantisation_have_a_range(strength):
    with pytest.raises(ValueError, match="aq="):
        stfrag.encode(np.zeros((1, 8, 8), np.uint8), codec="stf", qp=30, codec_options={"aq": strength})
