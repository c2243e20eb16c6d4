"""DICOM files for tests, made here: no pictures of anybody."""

from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import ExplicitVRLittleEndian, UltrasoundMultiFrameImageStorage, generate_uid


def write_cine(path: Path, frames: np.ndarray, bits: int, frame_time: float) -> None:
    """Write gray frames (T×Y×X, uint16 with so many bits) as a multi-frame file; `frame_time` is in milliseconds."""
    file = pydicom.Dataset()
    file.file_meta = pydicom.dataset.FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.SOPClassUID = UltrasoundMultiFrameImageStorage
    file.SOPInstanceUID = generate_uid(entropy_srcs=["stfrag"])
    file.PatientName, file.PatientID, file.Modality = "Nobody^At All", "0", "US"
    file.FrameTime = frame_time
    file.NumberOfFrames, file.Rows, file.Columns = frames.shape
    file.set_pixel_data(frames, "MONOCHROME2", bits, generate_instance_uid=False)
    file.save_as(path, enforce_file_format=True)
