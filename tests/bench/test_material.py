"""What benchmarks are measured on: found, read as the samples that are stored, and limited."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import stfrag
from stfrag.bench import material, synthetic
from stfrag.bench.job import Cut, Job, Samples, boxes_of, part

MOST = 1 << 30


def load(path, frames=None, most=MOST):
    (found,) = material.expand([path])
    return material.load(found, frames, most)


def test_nothing_means_the_synthetic_set():
    assert [source.name for source in material.expand([])] == list(synthetic.NAMES)


@pytest.mark.parametrize("name", [*synthetic.NAMES])
def test_synthetic_clips_are_the_same_each_time_and_move(name):
    planes, samples = synthetic.make(name, 4)
    again, _ = synthetic.make(name, 4)
    assert all(map(np.array_equal, planes, again))
    assert [p.shape for p in planes] == [samples.plane_shape(c) for c in range(samples.components)]
    assert int(planes[0].max()) < 1 << samples.bits
    assert not np.array_equal(planes[0][0], planes[0][3])
    assert material.load(material.Input(name, f"synthetic:{name}"), 4, MOST).samples == samples


def test_a_synthetic_clip_that_there_is_not():
    with pytest.raises(ValueError, match="no synthetic clip 'ocean', but camera"):
        synthetic.make("ocean")


def test_files_folders_and_patterns(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.npy", "a.npy", "sub/a.npy"):
        np.save(tmp_path / name, np.zeros((1, 4, 4), np.uint8))
    (tmp_path / "readme.txt").write_text("not a clip")
    names = lambda *inputs: [source.name for source in material.expand(inputs)]  # noqa: E731
    assert names(tmp_path) == ["a", "b"]
    assert names(tmp_path / "*.npy") == ["a", "b"]
    assert names(tmp_path / "b.npy", tmp_path) == ["b", "a"]  # once each
    assert names(tmp_path / "**" / "a.npy") == [str(tmp_path / "a.npy"), str(tmp_path / "sub" / "a.npy")]
    with pytest.raises(FileNotFoundError, match=r"nothing\.npy: no such file"):
        material.expand([tmp_path / "nothing.npy"])
    with pytest.raises(FileNotFoundError, match="nothing there is of that pattern"):
        material.expand([tmp_path / "*.mkv"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no videos, arrays"):
        material.expand([tmp_path / "empty"])


def test_arrays_are_kept_as_they_are(tmp_path):
    array = np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7) - 100
    np.save(tmp_path / "a.npy", array)
    clip = load(tmp_path / "a.npy", frames=3)
    assert clip.samples == Samples(3, 6, 7, 1, bits=16, dtype="int16")
    assert clip.frames_there == 5
    assert np.array_equal(clip.planes[0], array[:3])
    assert load(tmp_path / "a.npy", most=200).samples.frames == 2  # two frames of 84 bytes
    assert load(tmp_path / "a.npy", most=1).samples.frames == 1


def test_components_and_booleans(tmp_path):
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (2, 5, 6, 3), np.uint8)
    np.savez(tmp_path / "rgb.npz", rgb)
    clip = load(tmp_path / "rgb.npz")
    assert (clip.samples.model, clip.samples.components) == ("rgb", 3)
    assert np.array_equal(np.stack(clip.planes, -1), rgb)
    np.save(tmp_path / "mask.npy", rgb[..., 0] > 100)
    clip = load(tmp_path / "mask.npy")
    assert (clip.samples.bits, clip.samples.dtype) == (1, "uint8")
    np.save(tmp_path / "picture.npy", rgb[0, ..., 0])
    assert load(tmp_path / "picture.npy").samples.shape == (1, 5, 6)


@pytest.mark.parametrize(("array", "message"), [
    (np.zeros((2, 4, 4)), "float64"), (np.zeros((2, 4, 4), np.int32), "int32"), (np.zeros(4, np.uint8), "shape"),
    (np.zeros((0, 4, 4), np.uint8), "shape"), (np.zeros((2, 4, 4, 5), np.uint8), "shape"),
])  # fmt: skip
def test_arrays_that_cannot_be_coded(tmp_path, array, message):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(stfrag.UnsupportedError, match=message):
        load(tmp_path / "a.npy")


def test_an_archive_of_several_arrays(tmp_path):
    np.savez(tmp_path / "a.npz", one=np.zeros(3), two=np.zeros(3))
    with pytest.raises(stfrag.UnsupportedError, match="holds one, two"):
        load(tmp_path / "a.npz")


def test_videos_are_their_stored_planes(tmp_path):
    pytest.importorskip("av")
    rng = np.random.default_rng(1)
    planes = tuple(rng.integers(0, 1 << 10, (4, 36 >> s, 50 >> s), np.uint16) for s in (0, 1, 1))
    store = tmp_path / "a.stf"
    with stfrag.create(store, pixel_format="yuv420p10le", fps=Fraction(30000, 1001)) as writer:
        writer.append(planes)
    stfrag.to_video(store, tmp_path / "b.mkv", codec="ffv1")
    for name in ("a.stf", "b.mkv"):
        clip = load(tmp_path / name, frames=3)
        assert clip.samples == Samples(3, 36, 50, 3, "420", 10, "uint16", False, Fraction(30000, 1001))
        assert all(np.array_equal(a, b[:3]) for a, b in zip(clip.planes, planes, strict=True))


def test_dicom_files(tmp_path):
    pydicom = pytest.importorskip("pydicom")
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    array = np.arange(3 * 8 * 10, dtype=np.uint16).reshape(3, 8, 10)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = CTImageStorage, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset = pydicom.Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3"
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = 8, 10, 3
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = array.tobytes()
    dataset.save_as(tmp_path / "a.dcm", enforce_file_format=True)
    clip = load(tmp_path / "a.dcm")
    assert clip.samples == Samples(3, 8, 10, bits=12, dtype="uint16")
    assert np.array_equal(clip.planes[0], array)


def test_sizes_are_estimated_without_reading(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", np.zeros((4, 50, 60), np.uint8))
    np.save(tmp_path / "b.npy", np.zeros((4, 50, 60), np.uint16))
    stfrag.save(tmp_path / "c.stf", np.zeros((4, 50, 60), np.uint16))
    (tmp_path / "d.mkv").write_bytes(b"no video")
    sizes = [material.estimate(source, None) for source in material.expand([tmp_path])]
    assert sizes[0] == pytest.approx(12000, abs=300)
    assert sizes[1] == pytest.approx(24000, abs=300)
    assert sizes[2] == 24000
    assert sizes[3] > 1 << 20


def test_planes_travel_to_other_processes(tmp_path):
    planes, samples = synthetic.make("screen", 2)
    material.write_planes(str(tmp_path / "clip"), planes)
    found = material.read_planes(str(tmp_path / "clip"), samples)
    assert all(map(np.array_equal, planes, found))


def test_jobs_cut_clips_and_boxes_are_clips_again():
    samples = Samples(10, 50, 60, 3, "420", 8)
    cut = Cut("fragments", (4, 32, 32))
    assert len(boxes_of(samples, cut)) == 3 * 2 * 2
    assert cut.whole(samples).fragment == (4, 50, 60)
    job = Job(samples, cut, {}, None, 2)
    box = job.boxes[-1]
    single = job.of(box, 1)
    assert (single.samples.shape, single.threads) == ((2, 18, 28), 1)
    planes = tuple(np.zeros(samples.plane_shape(c), np.uint8) for c in range(3))
    assert [p.shape for p in part(planes, samples, box)] == [single.samples.plane_shape(c) for c in range(3)]
    assert samples.count == 10 * (50 * 60 + 2 * 25 * 30) == samples.raw_bytes
    assert samples.text() == "10×50×60 Y'CbCr 4:2:0, 8 bit"
