# What every Cython module of stfrag shares: turning a failed native call into the right Python exception.

from stfrag cimport capi


cdef inline object exception_of(capi.stf_status status, const capi.stf_error *error):
    """The exception for `status`, described by `error` if it was filled in (NULL: it was not)."""
    from stfrag.errors import from_status

    if error == NULL or error.status == capi.STF_OK:
        return from_status(<int>status, (<bytes>capi.stf_status_name(status)).decode())
    return from_status(<int>status, (<bytes>error.message).decode("utf-8", "replace"), error.fragment,
                       (error.t0, error.t1, error.y0, error.y1, error.x0, error.x1))


cdef inline int check(capi.stf_status status, const capi.stf_error *error) except -1:
    """Raise what a failed native call means in Python."""
    if status != capi.STF_OK:
        raise exception_of(status, error)
    return 0
