# cython: language_level=3
# A Cython module of someone else's, on stfrag's C API through its .pxd.
from stfrag cimport capi


def version():
    return capi.stf_version().decode()


def crc(const unsigned char[::1] data):
    return capi.stf_crc32c(0, &data[0] if data.shape[0] else NULL, data.shape[0])
